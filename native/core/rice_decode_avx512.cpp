#include "decode_lanes_avx512.h"

#include "rice_decode_lanes.h"

namespace ccarchiver {

TileDamage avx512::decode_tiles(const TileRun& run) noexcept { return decode_in_lanes(run, avx2::decode_tiles); }

}  // namespace ccarchiver
