// The RICE_1 code of 32-bit pixels (FITS standard 4.0, 10.4.1), as the encoders and the decoder share it. A tile is its
// first pixel in 32 bits, then blocks: a split level in 5 bits, then one code per pixel, the zigzag of its difference
// to the pixel before. All bits are written from the most significant down; the last byte is filled with zeros.
#pragma once
#include <cstdint>

namespace ccarchiver {
namespace {  // internal linkage: no copy compiled for a newer processor may stand in for another

constexpr int kRiceBlock = 32;  // BLOCKSIZE that we write
constexpr int kLevelBits = 5;
constexpr int kRawSplit = 25;       // at this split and above a block's differences are written in 32 bits each
constexpr uint32_t kZeroLevel = 0;  // all differences of the block are 0, no codes follow
constexpr uint32_t kRawLevel = kRawSplit + 1;
// Otherwise the level is split + 1: the upper bits of a value in unary (so many 0, then a 1), its lower `split` bits as
// they are.

// Signed differences to unsigned, small ones first: 0, -1, 1, -2 ... become 0, 1, 2, 3 ...
constexpr uint32_t zigzag(uint32_t difference) {
  return (difference << 1) ^ static_cast<uint32_t>(static_cast<int32_t>(difference) >> 31);
}
constexpr uint32_t unzigzag(uint32_t value) { return (value >> 1) ^ (0u - (value & 1)); }

// The split of a block of n values with this sum: the bits of half their mean, the mean taken as cfitsio takes it, (sum
// - n/2 - 1) / n.
constexpr int split_of(uint64_t sum, int n) {
  const uint64_t less = static_cast<uint64_t>(n) / 2 + 1;
  if (sum < less) return 0;
  const uint64_t half_mean = (sum - less) / static_cast<uint64_t>(n) >> 1;
  return half_mean == 0 ? 0 : 64 - __builtin_clzll(half_mean);
}

}  // namespace
}  // namespace ccarchiver
