#include "avx512_intrinsics.h"
#include "kernel_set.h"
#include "packed18.h"

namespace ccarchiver {

// One sample of a CCD is one vector: its 36 bytes are loaded at once, each lane picks the four bytes that hold its
// value.
void avx512::unpack_row(const SourceLayout& layout, int ccd, const uint8_t* packed, int32_t* stripes) noexcept {
  const CcdLayout& at = layout.ccd[ccd];
  alignas(64) uint8_t pick[64] = {};
  alignas(64) uint32_t shift[kChannels] = {};
  alignas(64) uint32_t keep[kChannels] = {};  // lanes beyond the CCD's segments become 0
  for (int f = 0; f < at.segments; f++) {
    for (int i = 0; i < 4; i++) pick[4 * f + i] = static_cast<uint8_t>(byte_of(at.channel[f]) + i);
    shift[f] = static_cast<uint32_t>(shift_of(at.channel[f]));
    keep[f] = kValueMask;
  }
  const __m512i picks = _mm512_load_si512(pick);
  const __m512i shifts = _mm512_load_si512(shift);
  const __m512i mask = _mm512_load_si512(keep);
  const __m512i flip = _mm512_set1_epi32(static_cast<int32_t>(layout.xor_mask));
  constexpr int kXorThenAnd = (0xf0 ^ 0xcc) & 0xaa;
  const size_t sample_bytes = static_cast<size_t>(layout.groups) * kGroupBytes;
  const uint8_t* group = packed + static_cast<size_t>(at.group) * kGroupBytes;
  for (int column = 0; column < layout.columns; column++, group += sample_bytes, stripes += kChannels) {
    const __m512i words = _mm512_permutexvar_epi8(picks, _mm512_loadu_si512(group));
    const __m512i raw = _mm512_srlv_epi32(words, shifts);
    _mm512_storeu_si512(stripes, _mm512_ternarylogic_epi32(raw, flip, mask, kXorThenAnd));
  }
}

}  // namespace ccarchiver
