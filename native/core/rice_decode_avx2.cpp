#include "decode_lanes_avx2.h"

#include "rice_decode_lanes.h"

namespace ccarchiver {

TileDamage avx2::decode_tiles(const TileRun& run) noexcept { return decode_in_lanes(run, scalar::decode_tiles); }

}  // namespace ccarchiver
