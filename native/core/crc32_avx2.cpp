#include <immintrin.h>

#include <cstring>

#include "kernel_set.h"

namespace ccarchiver {
namespace {

struct Fold {
  using Vector = __m256i;

  static Vector load(const uint8_t* at) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)); }
  static Vector broadcast(__m128i a) { return _mm256_broadcastsi128_si256(a); }
  template <int kHalves>
  static Vector product(Vector a, Vector b) {
    return _mm256_clmulepi64_epi128(a, b, kHalves);
  }
  static Vector sum_of(Vector a, Vector b, Vector c) { return _mm256_xor_si256(_mm256_xor_si256(a, b), c); }
  static Vector add_state(Vector a, __m128i state) { return _mm256_xor_si256(a, _mm256_zextsi128_si256(state)); }
};

}  // namespace
}  // namespace ccarchiver

#include "crc32_lanes.h"

namespace ccarchiver {

uint32_t avx2::crc32(uint32_t state, const uint8_t* at, size_t bytes) noexcept { return crc32_by_lanes(state, at, bytes); }

}  // namespace ccarchiver
