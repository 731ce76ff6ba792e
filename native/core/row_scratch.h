// Working memory of one thread for the rows that it encodes; it lives as long as the thread and grows to the largest geometry that the thread has seen.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "geometry.h"
#include "kernels.h"
#include "product.h"
#include "tile_stack.h"

namespace ccarchiver {

// Bytes that a kernel may read past the last sample of a row.
inline constexpr size_t kReadSlack = 64;

class RowScratch {
 public:
  int32_t* stripes = nullptr;
  int32_t* corrected = nullptr;
  uint8_t* packed = nullptr;  // one row and its read slack
  TileStack tiles[kMaxCcds][kProducts];

  // Also empties the stacks.
  void fit(const SourceLayout& layout) {
    const size_t pixels = static_cast<size_t>(layout.columns) * kChannels * sizeof(int32_t);
    const size_t plain_bound = static_cast<size_t>(layout.columns) * sizeof(int32_t);
    const size_t segment = TileStack::segment_bytes(std::max(rice_row_bound(layout.columns), plain_bound));
    const size_t needed = 2 * padded(pixels) + padded(layout.row_bytes() + kReadSlack) + kMaxCcds * kProducts * kChannels * padded(segment);
    if (needed > bytes_) allocate(needed);
    uint8_t* at = memory_.get();
    stripes = reinterpret_cast<int32_t*>(take(at, pixels));
    corrected = reinterpret_cast<int32_t*>(take(at, pixels));
    packed = take(at, layout.row_bytes() + kReadSlack);
    for (auto& ccd : tiles) {
      for (TileStack& stack : ccd) {
        uint8_t* memory[kChannels];
        for (uint8_t*& one : memory) one = take(at, segment);
        stack.open(memory);
      }
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
