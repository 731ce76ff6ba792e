// Half a sample of a CCD is one vector: eight channels, which are then put in the order of the segments.
#pragma once
#include <immintrin.h>

#include "geometry.h"
#include "packed18.h"

namespace ccarchiver {
namespace {

class Samples {
 public:
  Samples(const SourceLayout& layout, int ccd) : first_(layout, layout.ccd[ccd], 0), second_(layout, layout.ccd[ccd], 8) {}

  // Reads 43 bytes from the CCD's group of the sample on.
  void unpack(const uint8_t* group, int32_t* stripe) const {
    const __m256i lower = eight_channels(group);
    const __m256i upper = eight_channels(group + kGroupBytes / 2);
    first_.store(stripe, lower, upper);
    second_.store(stripe + 8, lower, upper);
  }

 private:
  // Eight channels from 18 bytes: four fill 9 bytes, and start 0, 2, 4 and 6 bits into bytes 0, 2, 4 and 6 of them. Reads
  // 25 bytes.
  static __m256i eight_channels(const uint8_t* bytes) {
    const __m128i lower = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
    const __m128i upper = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 9));
    const __m256i pick = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7, 8, 9));
    const __m256i words = _mm256_shuffle_epi8(_mm256_set_m128i(upper, lower), pick);
    return _mm256_srlv_epi32(words, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
  }

  // Which channels eight segments come from, and what becomes of the values.
  struct Order {
    __m256i channel;   // modulo 8
    __m256i is_upper;  // all ones: channel 8 to 15
    __m256i keep;      // lanes beyond the CCD's segments become 0
    __m256i flip;

    Order(const SourceLayout& layout, const CcdLayout& at, int first) {
      alignas(32) int32_t channels[8] = {}, upper[8] = {}, kept[8] = {};
      for (int i = 0; i < 8 && first + i < at.segments; i++) {
        channels[i] = at.channel[first + i] % 8;
        upper[i] = at.channel[first + i] >= 8 ? -1 : 0;
        kept[i] = static_cast<int32_t>(kValueMask);
      }
      channel = _mm256_load_si256(reinterpret_cast<const __m256i*>(channels));
      is_upper = _mm256_load_si256(reinterpret_cast<const __m256i*>(upper));
      keep = _mm256_load_si256(reinterpret_cast<const __m256i*>(kept));
      flip = _mm256_set1_epi32(static_cast<int32_t>(layout.xor_mask));
    }

    void store(int32_t* to, __m256i lower, __m256i upper) const {
      const __m256i from_lower = _mm256_permutevar8x32_epi32(lower, channel);
      const __m256i from_upper = _mm256_permutevar8x32_epi32(upper, channel);
      const __m256i raw = _mm256_blendv_epi8(from_lower, from_upper, is_upper);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm256_and_si256(_mm256_xor_si256(raw, flip), keep));
    }
  };

  Order first_;
  Order second_;
};

}  // namespace
}  // namespace ccarchiver
