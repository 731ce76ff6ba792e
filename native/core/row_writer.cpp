#include "row_writer.h"

#include <emmintrin.h>

#include <cstring>

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

void store_plain(const int32_t* stripes, int columns, int segments, TileRow& row) {
  for (int f = 0; f < segments; f++) {
    uint8_t* out = row.out[f];
    for (int column = 0; column < columns; column++, out += 4) {
      const uint32_t word = __builtin_bswap32(static_cast<uint32_t>(stripes[column * kChannels + f]));
      std::memcpy(out, &word, sizeof word);
    }
    row.length[f] = static_cast<uint32_t>(columns) * 4;
  }
}

RowGroup RowWriter::write(const TileStack& tiles, int segments) {
  RowGroup group = {};
  group.rows = tiles.rows();
  for (int f = 0; f < segments; f++) {
    const size_t bytes = tiles.bytes(f);
    uint8_t* out = take(bytes);
    stream(out, tiles.segment(f), bytes);
    group.segment[f] = out;
  }
  return group;
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
