// Rows of pixels that reach every case of the Rice code.
#pragma once
#include <vector>

#include "../../core/geometry.h"
#include "random.h"

namespace ccarchiver::test {

enum Shape : int {
  kReadNoise,
  kConstant,       // no differences but zero: no codes
  kSingleSteps,    // split 0
  kRareSteps,      // many zeros before the 1, at small splits
  kAllPixels,      // all of 18 bits
  kSaturated,      // stars to the end of the range
  kAllIntegers,    // all of 32 bits: raw blocks
  kMixedIntegers,  // raw blocks beside others
  kAnyNoise,       // every split
  kLevels,         // steps of one height
  kShapes
};

// What the pixels of a row have in common.
struct RowKind {
  int shape;
  int32_t bias;
  double sigma;
  int32_t step;
  int period;
};

inline int32_t pixel_of(Random& random, const RowKind& row, int column) {
  const uint32_t chance = random.below(64);
  const int32_t integer = static_cast<int32_t>(random.next());
  switch (row.shape) {
    case kReadNoise:
      return row.bias + static_cast<int32_t>(8 * random.normal());
    case kConstant:
      return row.bias;
    case kSingleSteps:
      return row.bias + (chance == 0);
    case kRareSteps:
      return row.bias + (chance == 0 ? random.between(0, 100) : 0);
    case kAllPixels:
      return integer & kMaxPixel;
    case kSaturated:
      return chance < 3 ? kMaxPixel : chance < 6 ? 0 : row.bias + static_cast<int32_t>(5 * random.normal());
    case kAllIntegers:
      return integer;
    case kMixedIntegers:
      return chance < 4 ? integer >> random.below(32) : row.bias;
    case kAnyNoise:
      return row.bias + static_cast<int32_t>(row.sigma * random.normal());
    default:
      return row.bias + column / row.period % 2 * row.step;
  }
}

inline std::vector<int32_t> rice_row(Random& random, int shape, int columns) {
  // A single step of 29 to 40 in a block makes codes of more than 56 bits; steps of 2^24 in every column reach the raw
  // split.
  const int32_t step =
      random.below(2) == 0 ? random.between(0, 45) : static_cast<int32_t>(std::pow(2, 26 * random.uniform()));
  const int period = random.below(2) == 0 ? 1 : random.between(1, 60);
  const RowKind kind = {shape, 25000 + random.between(-1500, 1500), std::pow(2, 16 * random.uniform()), step, period};
  std::vector<int32_t> row;
  for (int column = 0; column < columns; column++) row.push_back(pixel_of(random, kind, column));
  return row;
}

}  // namespace ccarchiver::test
