// Encodes the 16 segments of a row through the product's kernel, into memory that may not be overrun.
#pragma once
#include <memory>
#include <vector>

#include "../../core/kernels.h"
#include "guarded.h"

namespace ccarchiver::test {

using Row = std::vector<int32_t>;
using Tile = std::vector<uint8_t>;

// rows: one per segment, all of one length. Lanes beyond them are 0.
inline std::vector<Tile> encode_rows(const std::vector<Row>& rows) {
  const size_t columns = rows[0].size();
  Guarded<int32_t> stripes(columns * kChannels);
  for (size_t f = 0; f < kChannels; f++) {
    for (size_t i = 0; i < columns; i++) stripes.data()[i * kChannels + f] = f < rows.size() ? rows[f][i] : 0;
  }
  const size_t bound = rice_row_bound(static_cast<int>(columns));
  std::vector<std::unique_ptr<Guarded<uint8_t>>> buffers;
  std::vector<uint8_t*> out;
  for (size_t f = 0; f < rows.size(); f++) {
    buffers.push_back(std::make_unique<Guarded<uint8_t>>(bound));
    out.push_back(buffers.back()->data());
  }
  std::vector<uint32_t> length(rows.size());
  rice_encode_row(stripes.data(), static_cast<int>(columns), static_cast<int>(rows.size()), out.data(), length.data());
  std::vector<Tile> tiles;
  for (size_t f = 0; f < rows.size(); f++) tiles.emplace_back(out[f], out[f] + length[f]);
  return tiles;
}

}  // namespace ccarchiver::test
