#include "crosstalk_scalar.h"

namespace ccarchiver {

void scalar::correct_row(const SourceLayout& layout, int, const Crosstalk& crosstalk, const int32_t* stripes,
                         int32_t* corrected) noexcept {
  correct_row_scalar(layout, crosstalk, stripes, corrected);
}

}  // namespace ccarchiver
