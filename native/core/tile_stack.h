// Rows of one CCD and product that a band has encoded and the pool does not hold yet: for each segment tile after tile, as its heap will hold them.
#pragma once
#include <cstddef>
#include <cstdint>

#include "kernels.h"

namespace ccarchiver {

// Bytes of the segments of one row.
struct RowLengths {
  uint32_t length[kChannels];
};

// Owned by one band on one thread.
class TileStack {
 public:
  // Rows that pass to the pool together. A file is gathered in pieces of so many tiles, 9 kB on the sky; fewer rows make more pieces, and more of
  // them no longer fit the second cache with what else a band needs.
  static constexpr int kRows = 16;

  // Bytes that a stack of tiles of at most `tile_bound` bytes needs, for each segment.
  static constexpr size_t segment_bytes(size_t tile_bound) { return kRows * tile_bound; }

  // `memory`: segment_bytes for each of kChannels segments, also beyond the CCD's.
  void open(uint8_t* const memory[kChannels]) {
    for (int f = 0; f < kChannels; f++) {
      begin_[f] = memory[f];
      row_.pixel_sum[f] = 0;
    }
    clear();
  }

  // The rows have passed to the pool; their pixels stay in the sum.
  void clear() {
    rows_ = 0;
    for (int f = 0; f < kChannels; f++) row_.out[f] = begin_[f];
  }

  // Where the next row goes: `out` has room for it. Its maker sets the lengths, then pushes it.
  TileRow& row() { return row_; }
  RowLengths push(int segments) {
    RowLengths lengths = {};
    for (int f = 0; f < segments; f++) {
      lengths.length[f] = row_.length[f];
      row_.out[f] += row_.length[f];
    }
    rows_++;
    return lengths;
  }

  int rows() const { return rows_; }
  // Of the 32-bit pixels of all rows since `open`, not folded.
  const uint64_t* pixel_sum() const { return row_.pixel_sum; }
  const uint8_t* segment(int f) const { return begin_[f]; }
  size_t bytes(int f) const { return static_cast<size_t>(row_.out[f] - begin_[f]); }

 private:
  uint8_t* begin_[kChannels] = {};
  TileRow row_ = {};
  int rows_ = 0;
};

}  // namespace ccarchiver
