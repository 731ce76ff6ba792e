// Working memory of one thread for one row; it lives as long as the thread and grows to the largest geometry that the thread has seen.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "geometry.h"
#include "kernels.h"

namespace ccarchiver {

// Bytes that a kernel may read past the last sample of a row.
inline constexpr size_t kReadSlack = 64;

class RowScratch {
 public:
  int32_t* stripes = nullptr;
  int32_t* corrected = nullptr;
  uint8_t* packed = nullptr;      // one row and its read slack
  uint8_t* row = nullptr;         // the tiles of one row, side by side
  TileRow raw_tiles = {};         // room for the largest RICE_1 tile of each segment
  TileRow corrected_tiles = {};

  void fit(const SourceLayout& layout) {
    const size_t pixels = static_cast<size_t>(layout.columns) * kChannels * sizeof(int32_t);
    const size_t tile_bound = rice_row_bound(layout.columns);
    const size_t needed = 2 * padded(pixels) + padded(layout.row_bytes() + kReadSlack) + 2 * kChannels * padded(tile_bound) + padded(kChannels * tile_bound);
    if (needed > bytes_) allocate(needed);
    uint8_t* at = memory_.get();
    stripes = reinterpret_cast<int32_t*>(take(at, pixels));
    corrected = reinterpret_cast<int32_t*>(take(at, pixels));
    packed = take(at, layout.row_bytes() + kReadSlack);
    row = take(at, kChannels * tile_bound);
    for (TileRow* tiles : {&raw_tiles, &corrected_tiles}) {
      for (uint8_t*& tile : tiles->out) tile = take(at, tile_bound);
    }
  }

 private:
  struct Free {
    void operator()(uint8_t* memory) const { std::free(memory); }
  };

  // An odd number of cache lines: planes that lie a multiple of 4 KiB apart would evict each other.
  static size_t padded(size_t bytes) { return ((bytes + 63) / 64 | 1) * 64; }

  static uint8_t* take(uint8_t*& at, size_t bytes) {
    uint8_t* taken = at;
    at += padded(bytes);
    return taken;
  }

  void allocate(size_t bytes) {
    memory_.reset();
    bytes_ = 0;
    memory_.reset(static_cast<uint8_t*>(std::aligned_alloc(64, bytes)));
    if (memory_ == nullptr) throw std::bad_alloc();
    bytes_ = bytes;
  }

  std::unique_ptr<uint8_t, Free> memory_;
  size_t bytes_ = 0;
};

// The calling thread's scratch, made ready for this layout.
inline RowScratch& row_scratch(const SourceLayout& layout) {
  thread_local RowScratch scratch;
  scratch.fit(layout);
  return scratch;
}

}  // namespace ccarchiver
