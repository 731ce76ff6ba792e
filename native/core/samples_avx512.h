// One sample of a CCD is one vector: its 36 bytes are loaded at once, each lane picks the four bytes that hold its value.
#pragma once
#include "avx512_intrinsics.h"
#include "geometry.h"
#include "packed18.h"

namespace ccarchiver {
namespace {

class Samples {
 public:
  Samples(const SourceLayout& layout, int ccd) {
    const CcdLayout& at = layout.ccd[ccd];
    alignas(64) uint8_t pick[64] = {};
    alignas(64) uint32_t shift[kChannels] = {};
    alignas(64) uint32_t keep[kChannels] = {};  // lanes beyond the CCD's segments become 0
    for (int f = 0; f < at.segments; f++) {
      for (int i = 0; i < 4; i++) pick[4 * f + i] = static_cast<uint8_t>(byte_of(at.channel[f]) + i);
      shift[f] = static_cast<uint32_t>(shift_of(at.channel[f]));
      keep[f] = kValueMask;
    }
    picks_ = _mm512_load_si512(pick);
    shifts_ = _mm512_load_si512(shift);
    keep_ = _mm512_load_si512(keep);
    flip_ = _mm512_set1_epi32(static_cast<int32_t>(layout.xor_mask));
  }

  // Reads 64 bytes from the CCD's group of the sample on.
  void unpack(const uint8_t* group, int32_t* stripe) const {
    constexpr int kXorThenAnd = (0xf0 ^ 0xcc) & 0xaa;
    const __m512i words = _mm512_permutexvar_epi8(picks_, _mm512_loadu_si512(group));
    const __m512i raw = _mm512_srlv_epi32(words, shifts_);
    _mm512_storeu_si512(stripe, _mm512_ternarylogic_epi32(raw, flip_, keep_, kXorThenAnd));
  }

 private:
  __m512i picks_, shifts_, keep_, flip_;
};

}  // namespace
}  // namespace ccarchiver
