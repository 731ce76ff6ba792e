#include <immintrin.h>

#include <array>
#include <cstring>

#include "checksum.h"
#include "crc32_fold.h"
#include "kernel_set.h"

namespace ccarchiver {

namespace {

// kTable[k][byte]: what a byte does to the CRC when k more bytes follow it in the same step of 8.
constexpr auto kTable = [] {
  std::array<std::array<uint32_t, 256>, 8> table{};
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; bit++) value = times_x(value);
    table[0][byte] = value;
  }
  for (size_t k = 1; k < 8; k++) {
    for (size_t byte = 0; byte < 256; byte++)
      table[k][byte] = (table[k - 1][byte] >> 8) ^ table[0][table[k - 1][byte] & 0xff];
  }
  return table;
}();

__attribute__((target("pclmul"))) inline __m128i fold(__m128i sum, __m128i by, const uint8_t* next) noexcept {
  const __m128i low = _mm_clmulepi64_si128(sum, by, 0x00);
  const __m128i high = _mm_clmulepi64_si128(sum, by, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), _mm_loadu_si128(reinterpret_cast<const __m128i*>(next)));
}

}  // namespace

uint32_t scalar::crc32_by_table(uint32_t state, const uint8_t* at, size_t bytes) noexcept {
  for (; bytes >= 8; bytes -= 8, at += 8) {
    uint64_t word;
    std::memcpy(&word, at, sizeof word);
    word ^= state;
    state = 0;
    for (int k = 0; k < 8; k++) state ^= kTable[7 - k][word >> (8 * k) & 0xff];
  }
  for (; bytes > 0; bytes--, at++) state = (state >> 8) ^ kTable[0][(state ^ *at) & 0xff];
  return state;
}

// The message, 64 bytes at a time, becomes 16 bytes of the same remainder; the rest is done by table.
__attribute__((target("pclmul"))) uint32_t scalar::crc32_by_folding(uint32_t state, const uint8_t* at,
                                                                          size_t bytes) noexcept {
  if (bytes < 64) return crc32_by_table(state, at, bytes);
  const __m128i over_64_bytes = _mm_set_epi64x(over_upper(64), over_lower(64));
  const __m128i over_16_bytes = _mm_set_epi64x(over_upper(16), over_lower(16));
  __m128i sum[4];
  std::memcpy(sum, at, sizeof sum);
  sum[0] = _mm_xor_si128(sum[0], _mm_cvtsi32_si128(static_cast<int>(state)));
  for (at += 64, bytes -= 64; bytes >= 64; at += 64, bytes -= 64) {
    for (int i = 0; i < 4; i++) sum[i] = fold(sum[i], over_64_bytes, at + 16 * i);
  }
  uint8_t rest[4][16];
  std::memcpy(rest, sum, sizeof rest);
  for (int i = 1; i < 4; i++) sum[0] = fold(sum[0], over_16_bytes, rest[i]);
  std::memcpy(rest[0], &sum[0], sizeof rest[0]);
  return scalar::crc32_by_table(scalar::crc32_by_table(0, rest[0], sizeof rest[0]), at, bytes);
}

uint32_t crc32_combine(uint32_t a, uint32_t b, uint64_t bytes_b) noexcept {
  // 2^32 - 1 is the order of x, so the exponent 8 * bytes_b may be reduced before it overflows.
  return multiply(a, power_of_x(bytes_b % 0xffffffffu * 8)) ^ b;
}

}  // namespace ccarchiver
