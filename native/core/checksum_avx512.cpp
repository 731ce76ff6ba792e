#include "lanes_avx512.h"

#include "checksum.h"
#include "checksum_lanes.h"

namespace ccarchiver {

uint64_t avx512::sum_words(const uint8_t* at, size_t pairs) noexcept { return sum_words_lanes(at, pairs); }

}  // namespace ccarchiver
