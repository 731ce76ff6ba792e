#include "row_writer.h"

#include <cstring>

#include "kernels.h"

namespace ccarchiver {

RowRecord RowWriter::write_tiles(const TileRow& tiles, int segments) {
  RowRecord record = {};
  uint32_t end = 0;
  for (int f = 0; f < segments; f++) record.end[f] = end += tiles.length[f];
  uint8_t* out = take(end);
  record.data = out;
  for (int f = 0; f < segments; f++) {
    std::memcpy(out, tiles.out[f], tiles.length[f]);
    out += tiles.length[f];
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
