#include "lanes_avx2.h"
#include "rice_encode_lanes.h"

namespace ccarchiver {

void avx2::rice_encode_row(const int32_t* stripes, int columns, int segments, uint8_t* const out[],
                           uint32_t length[]) noexcept {
  for (int first = 0; first < segments; first += Lanes::kCount) {
    const int count = segments - first < Lanes::kCount ? segments - first : Lanes::kCount;
    if (count == Lanes::kCount && encode_lanes(stripes + first, columns, out + first, length + first)) continue;
    scalar::rice_encode_row(stripes + first, columns, count, out + first, length + first);
  }
}

}  // namespace ccarchiver
