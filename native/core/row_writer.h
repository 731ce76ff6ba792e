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

// Owned by one band on one thread; the blocks pass to the source when the band is kept. A record never straddles two blocks.
class RowWriter {
 public:
  RowWriter(Pool& pool, Compression compression) : pool_(pool), compression_(compression) {}

  // Throws POOL_EXHAUSTED.
  RowRecord write(const int32_t* stripes, int columns, int segments, RowScratch& scratch);
  std::vector<Run>& blocks() { return blocks_; }

 private:
  RowRecord write_rice(const int32_t* stripes, int columns, int segments, RowScratch& scratch);
  RowRecord write_plain(const int32_t* stripes, int columns, int segments);
  uint8_t* take(size_t bytes);

  Pool& pool_;
  const Compression compression_;
  std::vector<Run> blocks_;
  uint8_t* at_ = nullptr;
  size_t left_ = 0;
};

}  // namespace ccarchiver
