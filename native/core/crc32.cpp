// CRC-32 of IEEE 802.3 (as in zlib). A polynomial over GF(2) of degree < 32 is held with the coefficient of x^0 in its
// uppermost bit.
#include <immintrin.h>

#include <array>
#include <cstring>

#include "checksum.h"

namespace ccarchiver {

namespace {

constexpr uint32_t kOne = 0x80000000u;

constexpr uint32_t times_x(uint32_t value) { return (value >> 1) ^ (value & 1 ? 0xedb88320u : 0); }

constexpr uint32_t multiply(uint32_t a, uint32_t b) {
  uint32_t product = 0;
  for (uint32_t bit = kOne; bit != 0; bit >>= 1, b = times_x(b)) {
    if (a & bit) product ^= b;
  }
  return product;
}

// x^exponent modulo the CRC's polynomial.
constexpr uint32_t power_of_x(uint64_t exponent) {
  uint32_t result = kOne;
  uint32_t square = times_x(kOne);
  for (; exponent != 0; exponent >>= 1, square = multiply(square, square)) {
    if (exponent & 1) result = multiply(result, square);
  }
  return result;
}

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

// `state` is the complement of the CRC so far.
uint32_t update_by_table(uint32_t state, const uint8_t* at, size_t bytes) noexcept {
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

// The multiplier that carries 64 bits over `bits` bits of message. A carry-less product of reflected operands comes out
// one bit low: hence << 1.
constexpr int64_t over(uint64_t bits) { return static_cast<int64_t>(static_cast<uint64_t>(power_of_x(bits)) << 1); }

__attribute__((target("pclmul"))) inline __m128i fold(__m128i sum, __m128i by, const uint8_t* next) noexcept {
  const __m128i low = _mm_clmulepi64_si128(sum, by, 0x00);
  const __m128i high = _mm_clmulepi64_si128(sum, by, 0x11);
  return _mm_xor_si128(_mm_xor_si128(low, high), _mm_loadu_si128(reinterpret_cast<const __m128i*>(next)));
}

// Folds the message, 64 bytes at a time, to 16 bytes of the same remainder; the rest is done by table. bytes >= 64.
__attribute__((target("pclmul"))) uint32_t update_by_folding(uint32_t state, const uint8_t* at, size_t bytes) noexcept {
  const __m128i over_64_bytes = _mm_set_epi64x(over(512 - 32), over(512 + 32));
  const __m128i over_16_bytes = _mm_set_epi64x(over(128 - 32), over(128 + 32));
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
  return update_by_table(update_by_table(0, rest[0], sizeof rest[0]), at, bytes);
}

}  // namespace

uint32_t crc32(const void* data, size_t bytes, uint32_t seed) noexcept {
  static const bool can_fold = __builtin_cpu_supports("pclmul");
  const uint8_t* at = static_cast<const uint8_t*>(data);
  return ~(can_fold && bytes >= 64 ? update_by_folding(~seed, at, bytes) : update_by_table(~seed, at, bytes));
}

uint32_t crc32_combine(uint32_t a, uint32_t b, uint64_t bytes_b) noexcept {
  // 2^32 - 1 is the order of x, so the exponent 8 * bytes_b may be reduced before it overflows.
  return multiply(a, power_of_x(bytes_b % 0xffffffffu * 8)) ^ b;
}

}  // namespace ccarchiver
