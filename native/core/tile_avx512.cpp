#include "lanes_avx512.h"
#include "samples_avx512.h"

#include "tile_lanes.h"

namespace ccarchiver {

void avx512::encode_tiles(const PackedCcdRow& from, TileRow* raw, TileRow* corrected) noexcept {
  if (from.layout.ccd[from.ccd].segments <= Lanes::kCount / 2) {
    avx2::encode_tiles(from, raw, corrected);
  } else {
    encode_products<1>(from, raw, corrected);
  }
}

}  // namespace ccarchiver
