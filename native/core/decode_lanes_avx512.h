// What rice_decode_lanes.h needs beyond Lanes: AVX-512, 16 tiles at once.
#pragma once
#include "lanes_avx512.h"

namespace ccarchiver {
namespace {

struct DecodeLanes : Lanes {
  using Mask = __mmask16;

  // Eight bytes from each address.
  static Wide gather(Wide addresses) { return _mm512_i64gather_epi64(addresses, nullptr, 1); }
  // The inverse of words(): the lower and the upper 32 bits, by lane.
  static Int lower_lanes(Wide half0, Wide half1) { return every_second<0x88>(half0, half1); }
  static Int upper_lanes(Wide half0, Wide half1) { return every_second<0xdd>(half0, half1); }

  // The upper half of high:low << count; count < 32.
  static Int funnel(Int high, Int low, Int count) { return _mm512_shldv_epi32(high, low, count); }
  // Right below kZeros, else some number that is not below.
  static constexpr int kZeros = 31;
  static Int leading_zeros(Int a) { return _mm512_lzcnt_epi32(a); }
  static Int unzigzag(Int value) {
    const Int turned = _mm512_ror_epi32(value, 1);  // the sign on top
    constexpr int kFirstXorOthersAnd = 0xf0 ^ (0xcc & 0xaa);
    return _mm512_ternarylogic_epi32(turned, sign(turned), set(INT32_MAX), kFirstXorOthersAnd);
  }

  static Mask greater(Int a, Int b) { return _mm512_cmpgt_epi32_mask(a, b); }
  static Mask nonzero(Int a) { return _mm512_test_epi32_mask(a, a); }
  static Mask both(Mask a, Mask b) { return _kand_mask16(a, b); }
  static Mask either(Mask a, Mask b) { return _kor_mask16(a, b); }
  static Mask without(Mask a, Mask b) { return _kandn_mask16(b, a); }  // a and not b
  static uint32_t bits(Mask mask) { return mask; }
  static Int where(Mask mask, Int a) { return _mm512_maskz_mov_epi32(mask, a); }
  static Int choose(Mask mask, Int a, Int b) { return _mm512_mask_mov_epi32(b, mask, a); }

 private:
  template <int kWhich>
  static Int every_second(Wide half0, Wide half1) {
    return bits_of(_mm512_shuffle_ps(_mm512_castsi512_ps(half0), _mm512_castsi512_ps(half1), kWhich));
  }
};

}  // namespace
}  // namespace ccarchiver
