#include "kernels.h"

namespace ccarchiver {

void add_pixel_sums(const int32_t* stripes, int columns, int segments, uint64_t sums[]) noexcept {
  uint64_t row[kChannels] = {};
  for (int column = 0; column < columns; column++, stripes += kChannels) {
    for (int f = 0; f < kChannels; f++) row[f] += static_cast<uint32_t>(stripes[f]);
  }
  for (int f = 0; f < segments; f++) sums[f] += row[f];
}

}  // namespace ccarchiver
