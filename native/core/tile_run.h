// Consecutive RICE_1 tiles of one image, as a FITS binary table holds them: an array descriptor per tile, and the heap.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace ccarchiver {

struct TileRun {
  const uint8_t* descriptors;  // per tile two big-endian 32-bit words: its bytes, and where in the heap they begin
  const uint8_t* heap;
  size_t heap_bytes;
  int columns;  // pixels of a tile, which is one row
  size_t rows;
  int block_size;
  int32_t* out;  // rows * columns pixels
};

// The first tile that cannot be decoded, from 0; problem is nullptr when there is none, else a static sentence.
struct TileDamage {
  size_t row;
  const char* problem;
};

// What a descriptor says.
struct TileSpan {
  size_t bytes;
  size_t offset;
};

namespace {  // internal linkage: no copy compiled for a newer processor may stand in for another

inline TileSpan span_of(const TileRun& run, size_t row) {
  uint32_t words[2];
  std::memcpy(words, run.descriptors + row * sizeof words, sizeof words);
  return {__builtin_bswap32(words[0]), __builtin_bswap32(words[1])};
}

// `rows` tiles from `first` on.
inline TileRun part_of(const TileRun& run, size_t first, size_t rows) {
  TileRun part = run;
  part.descriptors += first * 8;
  part.out += first * static_cast<size_t>(run.columns);
  part.rows = rows;
  return part;
}

}  // namespace
}  // namespace ccarchiver
