// Rows in the form that goes to the file, laid one after another into pool blocks.
#pragma once
#include <cstdint>
#include <vector>

#include "geometry.h"
#include "pool.h"
#include "row_scratch.h"

namespace ccarchiver {

enum class Compression { kRice, kNone };

// One row of one CCD: segment after segment in FITS order, RICE_1 tiles or big-endian 32-bit pixels.
struct RowRecord {
  const uint8_t* data;
  uint32_t end[kChannels];  // end of segment f within data

  const uint8_t* segment(int f) const { return data + (f == 0 ? 0 : end[f - 1]); }
  uint32_t length(int f) const { return end[f] - (f == 0 ? 0 : end[f - 1]); }
};

// Puts the tiles of a row side by side; `row` has room for the worst case of each. Returns their bytes.
size_t join_tiles(const TileRow& tiles, int segments, uint8_t* row);

// Owned by one band on one thread, as is the list of blocks, whose blocks pass to the source when the band is kept. A record never straddles two blocks.
class RowWriter {
 public:
  RowWriter(Pool& pool, std::vector<Run>& blocks) : pool_(pool), blocks_(blocks) {}

  // Tiles that stand apart, each with room for its worst case, laid out at their true lengths. Throws POOL_EXHAUSTED.
  RowRecord write_tiles(const TileRow& tiles, int segments, RowScratch& scratch);
  RowRecord write_plain(const int32_t* stripes, int columns, int segments);
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
