// Encoded rows laid one after another into pool blocks.
#pragma once
#include <cstdint>
#include <vector>

#include "geometry.h"
#include "pool.h"
#include "tile_stack.h"

namespace ccarchiver {

enum class Compression { kRice, kNone };

// Consecutive rows of one CCD and product: for each segment RICE_1 tiles or big-endian 32-bit pixels, row after row.
struct RowGroup {
  const uint8_t* segment[kChannels];
  int rows;
};

// One row of big-endian 32-bit pixels; `row` has room for 4 * columns bytes in each segment.
void store_plain(const int32_t* stripes, int columns, int segments, TileRow& row);

// Owned by one band on one thread, as is the list of blocks, whose blocks pass to the source when the band is kept. A segment of a group never
// straddles two blocks.
class RowWriter {
 public:
  RowWriter(Pool& pool, std::vector<Run>& blocks) : pool_(pool), blocks_(blocks) {}

  // Throws POOL_EXHAUSTED.
  RowGroup write(const TileStack& tiles, int segments);
  // Ends the writing: what was written is there for whoever gets the blocks.
  std::vector<Run>& finish();

 private:
  uint8_t* take(size_t bytes);

  Pool& pool_;
  std::vector<Run>& blocks_;
  uint8_t* at_ = nullptr;
  size_t left_ = 0;
};

}  // namespace ccarchiver
