// The vector vocabulary of the lane kernels (rice_encode_lanes.h, crosstalk_lanes.h): AVX2, 8 amplifiers at once.
// Everything has internal linkage: no copy that needs AVX2 may stand in for one that does not.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace ccarchiver {
namespace {

// For each mask of four words: the halves of those whose bit is set, in order.
struct SqueezeTable {
  alignas(32) int32_t half[16][8] = {};

  constexpr SqueezeTable() {
    for (int mask = 0; mask < 16; mask++) {
      int kept = 0;
      for (int word = 0; word < 4; word++) {
        if ((mask >> word & 1) == 0) continue;
        half[mask][kept++] = 2 * word;
        half[mask][kept++] = 2 * word + 1;
      }
    }
  }
};
constexpr SqueezeTable kSqueeze;

struct Lanes {
  static constexpr int kCount = 8;
  using Int = __m256i;   // 32 bits per lane
  using Wide = __m256i;  // 64 bits for every second lane
  using Float = __m256;

  static Int load(const int32_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
  static void store(int32_t* to, Int a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), a); }
  static Int set(int32_t value) { return _mm256_set1_epi32(value); }
  static Int add(Int a, Int b) { return _mm256_add_epi32(a, b); }
  static Int subtract(Int a, Int b) { return _mm256_sub_epi32(a, b); }
  static Int bit_or(Int a, Int b) { return _mm256_or_si256(a, b); }
  static Int bit_and(Int a, Int b) { return _mm256_and_si256(a, b); }
  static Int bit_xor(Int a, Int b) { return _mm256_xor_si256(a, b); }
  static Int max(Int a, Int b) { return _mm256_max_epi32(a, b); }
  static Int min(Int a, Int b) { return _mm256_min_epi32(a, b); }
  template <int kBits>
  static Int shift_left(Int a) {
    return _mm256_slli_epi32(a, kBits);
  }
  template <int kBits>
  static Int shift_right(Int a) {
    return _mm256_srli_epi32(a, kBits);
  }
  static Int sign(Int a) { return _mm256_srai_epi32(a, 31); }
  // By each lane's own count; a count of 32 and more gives 0.
  static Int shift_left(Int a, Int count) { return _mm256_sllv_epi32(a, count); }
  static Int shift_right(Int a, Int count) { return _mm256_srlv_epi32(a, count); }
  // The number of bits of a value below 2^24, which is its exponent as a float; 0 has none.
  static Int bit_width(Int a) {
    const Int exponent = _mm256_srli_epi32(_mm256_castps_si256(_mm256_cvtepi32_ps(a)), 23);
    return _mm256_max_epi32(_mm256_sub_epi32(exponent, set(126)), set(0));
  }
  // a where condition is not 0, else 0.
  static Int where_nonzero(Int condition, Int a) {
    return _mm256_andnot_si256(_mm256_cmpeq_epi32(condition, set(0)), a);
  }
  static bool any_greater(Int a, int32_t limit) { return _mm256_movemask_epi8(_mm256_cmpgt_epi32(a, set(limit))) != 0; }
  static bool any_bit(Int a, uint32_t mask) { return _mm256_testz_si256(a, set(static_cast<int32_t>(mask))) == 0; }

  // Words of 64 bits of half the lanes, each from the lower and the upper 32 of its lane; stream_lane tells whose.
  template <int kHalf>
  static Wide words(Int lower, Int upper) {
    return kHalf == 0 ? _mm256_unpacklo_epi32(lower, upper) : _mm256_unpackhi_epi32(lower, upper);
  }
  static constexpr int stream_lane(int half, int word) { return word / 2 * 4 + half * 2 + word % 2; }

  static void store_wide(uint64_t* to, Wide a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), a); }
  static Wide set_wide(int64_t value) { return _mm256_set1_epi64x(value); }
  static Wide add_wide(Wide a, Wide b) { return _mm256_add_epi64(a, b); }
  static Wide subtract_wide(Wide a, Wide b) { return _mm256_sub_epi64(a, b); }
  // By each word's own count; a count of 64 and more gives 0.
  static Wide shift_left_wide(Wide a, Wide count) { return _mm256_sllv_epi64(a, count); }
  static Wide shift_right_wide(Wide a, Wide count) { return _mm256_srlv_epi64(a, count); }
  // One bit for each word in which bit 6 is set; there a, elsewhere b. Only the sign is looked at, so bit 6 is moved there.
  static uint8_t mask_64(Wide count) {
    return static_cast<uint8_t>(_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_slli_epi64(count, 57))));
  }
  static Wide where_64(Wide count, Wide a, Wide b) {
    const __m256d sign = _mm256_castsi256_pd(_mm256_slli_epi64(count, 57));
    return _mm256_castpd_si256(_mm256_blendv_pd(_mm256_castsi256_pd(b), _mm256_castsi256_pd(a), sign));
  }
  // rows[i] word j becomes rows[j] word i.
  static void transpose_wide(Wide rows[4]) {
    const Wide even01 = _mm256_unpacklo_epi64(rows[0], rows[1]), odd01 = _mm256_unpackhi_epi64(rows[0], rows[1]);
    const Wide even23 = _mm256_unpacklo_epi64(rows[2], rows[3]), odd23 = _mm256_unpackhi_epi64(rows[2], rows[3]);
    rows[0] = _mm256_permute2x128_si256(even01, even23, 0x20);
    rows[1] = _mm256_permute2x128_si256(odd01, odd23, 0x20);
    rows[2] = _mm256_permute2x128_si256(even01, even23, 0x31);
    rows[3] = _mm256_permute2x128_si256(odd01, odd23, 0x31);
  }
  // The words whose bit is set, moved down to stand side by side.
  static Wide squeeze(Wide a, uint64_t mask) {
    return _mm256_permutevar8x32_epi32(a, _mm256_load_si256(reinterpret_cast<const __m256i*>(kSqueeze.half[mask])));
  }
  static void store_words(uint8_t* to, Wide a) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), a); }
  static Wide load_bytes(const uint8_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); }
  static Wide lower_words(Wide a) { return _mm256_and_si256(a, _mm256_set1_epi64x(0xffffffff)); }
  static Wide upper_words(Wide a) { return _mm256_srli_epi64(a, 32); }
  static Wide swap_bytes(Wide a) {
    const __m128i order = _mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8);
    return _mm256_shuffle_epi8(a, _mm256_broadcastsi128_si256(order));
  }

  static Float load_float(const float* from) { return _mm256_loadu_ps(from); }
  static void store_float(float* to, Float a) { _mm256_storeu_ps(to, a); }
  static Float set_float(float value) { return _mm256_set1_ps(value); }
  static Int bits_of(Float a) { return _mm256_castps_si256(a); }
  static Float to_float(Int a) { return _mm256_cvtepi32_ps(a); }
  static Float subtract_float(Float a, Float b) { return _mm256_sub_ps(a, b); }
  static Float multiply(Float a, Float b) { return _mm256_mul_ps(a, b); }
  static Float divide(Float a, Float b) { return _mm256_div_ps(a, b); }
  static Float multiply_add(Float a, Float b, Float c) { return _mm256_fmadd_ps(a, b, c); }
  // a > b ? a : b and a < b ? a : b, so b when a is not a number.
  static Float greater(Float a, Float b) { return _mm256_max_ps(a, b); }
  static Float less(Float a, Float b) { return _mm256_min_ps(a, b); }
  static Int ceiling(Float a) { return _mm256_cvttps_epi32(_mm256_ceil_ps(a)); }
};

}  // namespace
}  // namespace ccarchiver
