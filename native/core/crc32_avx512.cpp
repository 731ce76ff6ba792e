#include "avx512_intrinsics.h"
#include "crc32_fold.h"
#include "kernel_set.h"

namespace ccarchiver {

namespace {

__m512i load(const uint8_t* at) { return _mm512_loadu_si512(at); }

// `sum` carried over the message between it and `next`, and added.
__m512i fold(__m512i sum, __m512i by, __m512i next) {
  constexpr int kXorOfThree = 0x96;
  const __m512i low = _mm512_clmulepi64_epi128(sum, by, 0x00);
  const __m512i high = _mm512_clmulepi64_epi128(sum, by, 0x11);
  return _mm512_ternarylogic_epi64(low, high, next, kXorOfThree);
}

template <uint64_t kBytes>
__m512i multipliers() {
  return _mm512_broadcast_i32x4(_mm_set_epi64x(over_upper(kBytes), over_lower(kBytes)));
}

}  // namespace

// 256 bytes at a time: four vectors, so that one product need not wait for another's.
uint32_t avx512::crc32(uint32_t state, const uint8_t* at, size_t bytes) noexcept {
  if (bytes < 256) return scalar::crc32_by_table(state, at, bytes);
  const __m512i over_256_bytes = multipliers<256>();
  const __m512i over_64_bytes = multipliers<64>();
  __m512i sum[4];
  for (int i = 0; i < 4; i++) sum[i] = load(at + 64 * i);
  sum[0] = _mm512_xor_si512(sum[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128(static_cast<int>(state))));
  for (at += 256, bytes -= 256; bytes >= 256; at += 256, bytes -= 256) {
    for (int i = 0; i < 4; i++) sum[i] = fold(sum[i], over_256_bytes, load(at + 64 * i));
  }
  for (int i = 1; i < 4; i++) sum[0] = fold(sum[0], over_64_bytes, sum[i]);
  alignas(64) uint8_t rest[64];
  _mm512_store_si512(rest, sum[0]);
  return scalar::crc32_by_table(scalar::crc32_by_table(0, rest, sizeof rest), at, bytes);
}

}  // namespace ccarchiver
