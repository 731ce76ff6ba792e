// The arithmetic of the CRC-32 of IEEE 802.3 (as in zlib). A polynomial over GF(2) of degree < 32 is held with the
// coefficient of x^0 in its uppermost bit.
#pragma once
#include <cstdint>

namespace ccarchiver {
namespace {  // internal linkage: no copy compiled for a newer processor may stand in for another

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

// The multiplier that carries 64 bits over `bits` bits of message. A carry-less product of reflected operands comes out
// one bit low: hence << 1.
constexpr int64_t over(uint64_t bits) { return static_cast<int64_t>(static_cast<uint64_t>(power_of_x(bits)) << 1); }

// A 128-bit value whose message goes on for `bytes` bytes is carried to their end by the product of its upper half with
// the first and of its lower half with the second.
constexpr int64_t over_upper(uint64_t bytes) { return over(8 * bytes - 32); }
constexpr int64_t over_lower(uint64_t bytes) { return over(8 * bytes + 32); }

}  // namespace
}  // namespace ccarchiver
