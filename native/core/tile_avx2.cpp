#include "lanes_avx2.h"
#include "samples_avx2.h"

#include "tile_lanes.h"

namespace ccarchiver {

void avx2::encode_tiles(const PackedCcdRow& from, TileRow* raw, TileRow* corrected) noexcept {
  if (from.layout.ccd[from.ccd].segments > Lanes::kCount) {
    encode_products<2>(from, raw, corrected);
  } else {
    encode_products<1>(from, raw, corrected);
  }
}

}  // namespace ccarchiver
