#include "samples_avx512.h"

#include "unpack_lanes.h"

namespace ccarchiver {

void avx512::unpack_row(const SourceLayout& layout, int ccd, const uint8_t* packed, int32_t* stripes) noexcept {
  PackedRow(layout, ccd, packed).unpack(0, layout.columns, stripes);
}

}  // namespace ccarchiver
