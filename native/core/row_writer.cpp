#include "row_writer.h"

#include <emmintrin.h>

#include <cstring>

#include "kernels.h"

namespace ccarchiver {

namespace {

constexpr size_t kLine = 64;

constexpr size_t whole_lines(size_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

// Past the caches: nothing reads a row again before its file is gathered, and lines that are written whole need not be
// fetched first. Both begin at a line and have room for whole lines.
void stream(uint8_t* to, const uint8_t* from, size_t bytes) {
  for (size_t i = 0; i < whole_lines(bytes); i += sizeof(__m128i)) {
    _mm_stream_si128(reinterpret_cast<__m128i*>(to + i), _mm_load_si128(reinterpret_cast<const __m128i*>(from + i)));
  }
}

}  // namespace

size_t join_tiles(const TileRow& tiles, int segments, uint8_t* row) {
  uint8_t* at = row;
  for (int f = 0; f < segments; f++) {
    std::memcpy(at, tiles.out[f], tiles.length[f]);
    at += tiles.length[f];
  }
  return static_cast<size_t>(at - row);
}

RowRecord RowWriter::write_tiles(const TileRow& tiles, int segments, RowScratch& scratch) {
  RowRecord record = {};
  uint32_t end = 0;
  for (int f = 0; f < segments; f++) record.end[f] = end += tiles.length[f];
  uint8_t* out = take(join_tiles(tiles, segments, scratch.row));
  record.data = out;
  stream(out, scratch.row, end);
  return record;
}

RowRecord RowWriter::write_plain(const int32_t* stripes, int columns, int segments) {
  const uint32_t length = static_cast<uint32_t>(columns) * 4;
  uint8_t* out = take(static_cast<size_t>(length) * static_cast<size_t>(segments));
  RowRecord record = {};
  record.data = out;
  for (int f = 0; f < segments; f++) {
    record.end[f] = length * static_cast<uint32_t>(f + 1);
    for (int column = 0; column < columns; column++, out += 4) {
      const uint32_t word = __builtin_bswap32(static_cast<uint32_t>(stripes[column * kChannels + f]));
      std::memcpy(out, &word, sizeof word);
    }
  }
  return record;
}

std::vector<Run>& RowWriter::finish() {
  _mm_sfence();  // stores past the caches obey no other order
  return blocks_;
}

uint8_t* RowWriter::take(size_t bytes) {
  bytes = whole_lines(bytes);
  if (bytes > left_) {
    blocks_.push_back(pool_.require(pool_.rows().take(bytes)));
    at_ = blocks_.back().data();
    left_ = blocks_.back().bytes();
  }
  uint8_t* taken = at_;
  at_ += bytes;
  left_ -= bytes;
  return taken;
}

}  // namespace ccarchiver
