// The vector vocabulary of the lane kernels (rice_encode_lanes.h, crosstalk_lanes.h): AVX-512, 16 amplifiers at once.
// Everything has internal linkage: no copy that needs AVX-512 may stand in for one that does not.
#pragma once

#include <cstdint>

#include "avx512_intrinsics.h"

namespace ccarchiver {
namespace {

struct Lanes {
  static constexpr int kCount = 16;
  using Int = __m512i;   // 32 bits per lane
  using Wide = __m512i;  // 64 bits for every second lane
  using Float = __m512;

  static Int load(const int32_t* from) { return _mm512_loadu_si512(from); }
  static void store(int32_t* to, Int a) { _mm512_storeu_si512(to, a); }
  static Int set(int32_t value) { return _mm512_set1_epi32(value); }
  static Int add(Int a, Int b) { return _mm512_add_epi32(a, b); }
  static Int subtract(Int a, Int b) { return _mm512_sub_epi32(a, b); }
  static Int bit_or(Int a, Int b) { return _mm512_or_si512(a, b); }
  static Int bit_and(Int a, Int b) { return _mm512_and_si512(a, b); }
  static Int bit_xor(Int a, Int b) { return _mm512_xor_si512(a, b); }
  static Int max(Int a, Int b) { return _mm512_max_epi32(a, b); }
  static Int min(Int a, Int b) { return _mm512_min_epi32(a, b); }
  template <int kBits>
  static Int shift_left(Int a) {
    return _mm512_slli_epi32(a, kBits);
  }
  template <int kBits>
  static Int shift_right(Int a) {
    return _mm512_srli_epi32(a, kBits);
  }
  static Int sign(Int a) { return _mm512_srai_epi32(a, 31); }
  // By each lane's own count; a count of 32 and more gives 0.
  static Int shift_left(Int a, Int count) { return _mm512_sllv_epi32(a, count); }
  static Int shift_right(Int a, Int count) { return _mm512_srlv_epi32(a, count); }
  // The number of bits of a value below 2^24; 0 has none.
  static Int bit_width(Int a) { return _mm512_sub_epi32(set(32), _mm512_lzcnt_epi32(a)); }
  // a where condition is not 0, else 0.
  static Int where_nonzero(Int condition, Int a) {
    return _mm512_maskz_mov_epi32(_mm512_test_epi32_mask(condition, condition), a);
  }
  static bool any_greater(Int a, int32_t limit) { return _mm512_cmpgt_epi32_mask(a, set(limit)) != 0; }
  static bool any_bit(Int a, uint32_t mask) { return _mm512_test_epi32_mask(a, set(static_cast<int32_t>(mask))) != 0; }

  // Words of 64 bits of half the lanes, each from the lower and the upper 32 of its lane; stream_lane tells whose.
  template <int kHalf>
  static Wide words(Int lower, Int upper) {
    return kHalf == 0 ? _mm512_unpacklo_epi32(lower, upper) : _mm512_unpackhi_epi32(lower, upper);
  }
  static constexpr int stream_lane(int half, int word) { return word / 2 * 4 + half * 2 + word % 2; }

  static void store_wide(uint64_t* to, Wide a) { _mm512_storeu_si512(to, a); }
  static Wide set_wide(int64_t value) { return _mm512_set1_epi64(value); }
  static Wide add_wide(Wide a, Wide b) { return _mm512_add_epi64(a, b); }
  static Wide subtract_wide(Wide a, Wide b) { return _mm512_sub_epi64(a, b); }
  // By each word's own count; a count of 64 and more gives 0.
  static Wide shift_left_wide(Wide a, Wide count) { return _mm512_sllv_epi64(a, count); }
  static Wide shift_right_wide(Wide a, Wide count) { return _mm512_srlv_epi64(a, count); }
  // One bit for each word in which bit 6 is set; there a, elsewhere b.
  static uint8_t mask_64(Wide count) { return static_cast<uint8_t>(_mm512_test_epi64_mask(count, set_wide(64))); }
  static Wide where_64(Wide count, Wide a, Wide b) {
    return _mm512_mask_mov_epi64(b, _mm512_test_epi64_mask(count, set_wide(64)), a);
  }
  // rows[i] word j becomes rows[j] word i.
  static void transpose_wide(Wide rows[8]) {
    Wide pair[8], quad[8];
    for (int i = 0; i < 8; i += 2) {
      pair[i] = _mm512_unpacklo_epi64(rows[i], rows[i + 1]);
      pair[i + 1] = _mm512_unpackhi_epi64(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) {
      for (int odd = 0; odd < 2; odd++) {
        quad[i + odd] = _mm512_shuffle_i64x2(pair[i + odd], pair[i + 2 + odd], 0x88);
        quad[i + 2 + odd] = _mm512_shuffle_i64x2(pair[i + odd], pair[i + 2 + odd], 0xdd);
      }
    }
    for (int i = 0; i < 4; i++) {
      rows[i] = _mm512_shuffle_i64x2(quad[i], quad[4 + i], 0x88);
      rows[4 + i] = _mm512_shuffle_i64x2(quad[i], quad[4 + i], 0xdd);
    }
  }
  // The words whose bit is set, moved down to stand side by side.
  static Wide squeeze(Wide a, uint64_t mask) { return _mm512_maskz_compress_epi64(static_cast<__mmask8>(mask), a); }
  static void store_words(uint8_t* to, Wide a) { _mm512_storeu_si512(to, a); }
  static Wide load_bytes(const uint8_t* from) { return _mm512_loadu_si512(from); }
  static Wide lower_words(Wide a) { return _mm512_and_si512(a, _mm512_set1_epi64(0xffffffff)); }
  static Wide upper_words(Wide a) { return _mm512_srli_epi64(a, 32); }
  static Wide swap_bytes(Wide a) {
    const __m128i order = _mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
    return _mm512_shuffle_epi8(a, _mm512_broadcast_i32x4(order));
  }

  static Float load_float(const float* from) { return _mm512_loadu_ps(from); }
  static void store_float(float* to, Float a) { _mm512_storeu_ps(to, a); }
  static Float set_float(float value) { return _mm512_set1_ps(value); }
  static Int bits_of(Float a) { return _mm512_castps_si512(a); }
  static Float to_float(Int a) { return _mm512_cvtepi32_ps(a); }
  static Float subtract_float(Float a, Float b) { return _mm512_sub_ps(a, b); }
  static Float multiply(Float a, Float b) { return _mm512_mul_ps(a, b); }
  static Float divide(Float a, Float b) { return _mm512_div_ps(a, b); }
  static Float multiply_add(Float a, Float b, Float c) { return _mm512_fmadd_ps(a, b, c); }
  // a > b ? a : b and a < b ? a : b, so b when a is not a number.
  static Float greater(Float a, Float b) { return _mm512_max_ps(a, b); }
  static Float less(Float a, Float b) { return _mm512_min_ps(a, b); }
  static Int ceiling(Float a) { return _mm512_cvt_roundps_epi32(a, _MM_FROUND_TO_POS_INF | _MM_FROUND_NO_EXC); }
};

}  // namespace
}  // namespace ccarchiver
