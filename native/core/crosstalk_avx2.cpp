#include "lanes_avx2.h"

#include "crosstalk_lanes.h"

namespace ccarchiver {

void avx2::correct_row(const SourceLayout& layout, int, const Crosstalk& crosstalk, const int32_t* stripes,
                       int32_t* corrected) noexcept {
  correct_lanes(layout, crosstalk, stripes, corrected);
}

}  // namespace ccarchiver
