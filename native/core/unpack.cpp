#include <cstring>

#include "kernel_set.h"
#include "packed18.h"

namespace ccarchiver {

namespace {

uint32_t load_word(const uint8_t* bytes) noexcept {
  uint32_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// 16 values of 18 bits, in channel order, to 9 words of 32 bits.
void pack_group(const uint32_t raw[kChannels], uint8_t* group) noexcept {
  uint64_t bits = 0;
  int held = 0;
  for (int channel = 0; channel < kChannels; channel++) {
    bits |= static_cast<uint64_t>(raw[channel]) << held;
    held += kValueBits;
    if (held < 32) continue;
    const uint32_t word = static_cast<uint32_t>(bits);
    std::memcpy(group, &word, sizeof word);
    group += sizeof word;
    bits >>= 32;
    held -= 32;
  }
}

}  // namespace

void scalar::unpack_row(const SourceLayout& layout, int ccd, const uint8_t* packed, int32_t* stripes) noexcept {
  const CcdLayout at = layout.ccd[ccd];
  const size_t sample_bytes = static_cast<size_t>(layout.groups) * kGroupBytes;
  const uint8_t* group = packed + static_cast<size_t>(at.group) * kGroupBytes;
  for (int column = 0; column < layout.columns; column++, group += sample_bytes, stripes += kChannels) {
    for (int f = 0; f < at.segments; f++) {
      const uint32_t raw = load_word(group + byte_of(at.channel[f])) >> shift_of(at.channel[f]);
      stripes[f] = static_cast<int32_t>((raw ^ layout.xor_mask) & kValueMask);
    }
    for (int f = at.segments; f < kChannels; f++) stripes[f] = 0;
  }
}

void pack_row(const SourceLayout& layout, const int32_t* const stripes[], uint8_t* packed) noexcept {
  for (size_t column = 0; column < static_cast<size_t>(layout.columns); column++) {
    uint32_t raw[kMaxGroups][kChannels] = {};  // channels that no CCD uses stay 0
    for (int ccd = 0; ccd < layout.ccd_count; ccd++) {
      const CcdLayout& at = layout.ccd[ccd];
      const int32_t* stripe = stripes[ccd] + column * kChannels;
      for (int f = 0; f < at.segments; f++) {
        raw[at.group][at.channel[f]] = (static_cast<uint32_t>(stripe[f]) ^ layout.xor_mask) & kValueMask;
      }
    }
    for (int group = 0; group < layout.groups; group++, packed += kGroupBytes) pack_group(raw[group], packed);
  }
}

}  // namespace ccarchiver
