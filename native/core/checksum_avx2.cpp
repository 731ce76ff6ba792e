#include "lanes_avx2.h"

#include "checksum.h"
#include "checksum_lanes.h"

namespace ccarchiver {

uint64_t avx2::sum_words(const uint8_t* at, size_t pairs) noexcept { return sum_words_lanes(at, pairs); }

}  // namespace ccarchiver
