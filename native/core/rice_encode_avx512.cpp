#include "lanes_avx512.h"
#include "rice_encode_lanes.h"

namespace ccarchiver {

void avx512::rice_encode_row(const int32_t* stripes, int columns, int segments, uint8_t* const out[],
                             uint32_t length[]) noexcept {
  if (segments < Lanes::kCount) {
    avx2::rice_encode_row(stripes, columns, segments, out, length);
  } else if (!encode_lanes(stripes, columns, out, length)) {
    scalar::rice_encode_row(stripes, columns, segments, out, length);
  }
}

}  // namespace ccarchiver
