#include "avx512_intrinsics.h"

#include <cstring>

#include "kernel_set.h"

namespace ccarchiver {
namespace {

struct Fold {
  using Vector = __m512i;

  static Vector load(const uint8_t* at) { return _mm512_loadu_si512(at); }
  static Vector broadcast(__m128i a) { return _mm512_broadcast_i32x4(a); }
  template <int kHalves>
  static Vector product(Vector a, Vector b) {
    return _mm512_clmulepi64_epi128(a, b, kHalves);
  }
  static Vector sum_of(Vector a, Vector b, Vector c) { return _mm512_ternarylogic_epi64(a, b, c, 0xf0 ^ 0xcc ^ 0xaa); }
  static Vector add_state(Vector a, __m128i state) { return _mm512_xor_si512(a, _mm512_zextsi128_si512(state)); }
};

}  // namespace
}  // namespace ccarchiver

#include "crc32_lanes.h"

namespace ccarchiver {

uint32_t avx512::crc32(uint32_t state, const uint8_t* at, size_t bytes) noexcept { return crc32_by_lanes(state, at, bytes); }

}  // namespace ccarchiver
