// What rice_decode_lanes.h needs beyond Lanes: AVX2, 8 tiles at once.
#pragma once
#include "lanes_avx2.h"

namespace ccarchiver {
namespace {

struct DecodeLanes : Lanes {
  using Mask = __m256i;  // all ones or all zeros per lane

  // Eight bytes from each address.
  static Wide gather(Wide addresses) {
    const long long* const origin = nullptr;
    return _mm256_i64gather_epi64(origin, addresses, 1);
  }
  // The inverse of words(): the lower and the upper 32 bits, by lane.
  static Int lower_lanes(Wide half0, Wide half1) { return every_second<0x88>(half0, half1); }
  static Int upper_lanes(Wide half0, Wide half1) { return every_second<0xdd>(half0, half1); }

  // The upper half of high:low << count; count < 32.
  static Int funnel(Int high, Int low, Int count) {
    return bit_or(shift_left(high, count), shift_right(low, subtract(set(32), count)));
  }
  // Right below kZeros, else some number that is not below. The upper 24 bits are exact in a float, whose exponent
  // tells their width.
  static constexpr int kZeros = 24;
  static Int leading_zeros(Int a) {
    const Int exponent = shift_right<23>(bits_of(to_float(shift_right<8>(a))));
    return subtract(set(126 + kZeros), exponent);
  }
  static Int unzigzag(Int value) { return bit_xor(shift_right<1>(value), subtract(set(0), bit_and(value, set(1)))); }

  static Mask greater(Int a, Int b) { return _mm256_cmpgt_epi32(a, b); }
  static Mask nonzero(Int a) { return _mm256_xor_si256(_mm256_cmpeq_epi32(a, set(0)), set(-1)); }
  static Mask both(Mask a, Mask b) { return bit_and(a, b); }
  static Mask either(Mask a, Mask b) { return bit_or(a, b); }
  static Mask without(Mask a, Mask b) { return _mm256_andnot_si256(b, a); }  // a and not b
  static uint32_t bits(Mask mask) { return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(mask))); }
  static Int where(Mask mask, Int a) { return bit_and(mask, a); }
  static Int choose(Mask mask, Int a, Int b) { return _mm256_blendv_epi8(b, a, mask); }

 private:
  template <int kWhich>
  static Int every_second(Wide half0, Wide half1) {
    return bits_of(_mm256_shuffle_ps(_mm256_castsi256_ps(half0), _mm256_castsi256_ps(half1), kWhich));
  }
};

}  // namespace
}  // namespace ccarchiver
