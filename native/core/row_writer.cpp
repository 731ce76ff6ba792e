#include "row_writer.h"

#include <cstring>

#include "kernels.h"

namespace ccarchiver {

RowRecord RowWriter::write(const int32_t* stripes, int columns, int segments, RowScratch& scratch) {
  return compression_ == Compression::kRice ? write_rice(stripes, columns, segments, scratch) : write_plain(stripes, columns, segments);
}

// The tiles are made in scratch, where each has room for its worst case, and laid out at their true lengths.
RowRecord RowWriter::write_rice(const int32_t* stripes, int columns, int segments, RowScratch& scratch) {
  uint32_t tile_bytes[kChannels];
  rice_encode_row(stripes, columns, segments, scratch.tile, tile_bytes);
  RowRecord record = {};
  uint32_t end = 0;
  for (int f = 0; f < segments; f++) record.end[f] = end += tile_bytes[f];
  uint8_t* out = take(end);
  record.data = out;
  for (int f = 0; f < segments; f++) {
    std::memcpy(out, scratch.tile[f], tile_bytes[f]);
    out += tile_bytes[f];
  }
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

uint8_t* RowWriter::take(size_t bytes) {
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
