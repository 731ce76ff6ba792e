// Sums of big-endian words, with as many words side by side as a vector holds. Included after a lanes_*.h.
#pragma once
#include <algorithm>

#include "kernel_set.h"

namespace ccarchiver {
namespace {

inline uint64_t sum_words_lanes(const uint8_t* at, size_t pairs) {
  constexpr size_t kPairs = Lanes::kCount / 2;
  constexpr size_t kBatch = 4 * kPairs;
  constexpr size_t kMost = size_t{1} << 24;  // appearances of a word in one lane's 64-bit sum before it is brought home: far from 2^32
  uint64_t total = 0;
  while (pairs >= kBatch) {
    // Upper and lower words of the pairs apart, in lanes of 64 bits: no carry is lost.
    Lanes::Wide upper = Lanes::set_wide(0), lower = Lanes::set_wide(0);
    size_t batches = std::min(pairs / kBatch, kMost);
    pairs -= batches * kBatch;
    for (; batches > 0; batches--, at += 8 * kBatch) {
      for (size_t i = 0; i < 4; i++) {
        const Lanes::Wide words = Lanes::swap_bytes(Lanes::load_bytes(at + 8 * kPairs * i));
        upper = Lanes::add_wide(upper, Lanes::upper_words(words));
        lower = Lanes::add_wide(lower, Lanes::lower_words(words));
      }
    }
    alignas(64) uint64_t sums[2][kPairs];
    Lanes::store_wide(sums[0], upper);
    Lanes::store_wide(sums[1], lower);
    for (const auto& lanes : sums) {
      for (uint64_t sum : lanes) total += fold_sum(sum);
    }
  }
  return total + scalar::sum_words(at, pairs);
}

}  // namespace
}  // namespace ccarchiver
