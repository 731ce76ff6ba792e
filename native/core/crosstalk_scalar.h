// The scalar crosstalk correction, compiled twice: crosstalk.cpp takes fmaf from the C library, crosstalk_fma.cpp gets
// the processor's instruction. Both round once per fmaf, so they agree bit for bit.
#pragma once
#include <cmath>

#include "kernel_set.h"

namespace ccarchiver {
namespace {

// P[f] of the row: the mean of the pedestal columns, one division in float32.
inline void pedestal_of(const SourceLayout& layout, const int32_t* stripes, float pedestal[kChannels]) noexcept {
  int32_t sum[kChannels] = {};
  for (int column = layout.pedestal_first; column < layout.pedestal_end; column++) {
    const int32_t* stripe = stripes + static_cast<size_t>(column) * kChannels;
    for (int f = 0; f < kChannels; f++) sum[f] += stripe[f];
  }
  const float columns = static_cast<float>(layout.pedestal_end - layout.pedestal_first);
  for (int f = 0; f < kChannels; f++) pedestal[f] = static_cast<float>(sum[f]) / columns;
}

// clip(raw - ceil(sub - 0.5)). A shift beyond the pixel range clips to the same end, so it is bounded first: no value
// of sub is out of int's range.
inline int32_t subtract(int32_t raw, float sub) noexcept {
  constexpr float kBound = static_cast<float>(kMaxPixel);
  const float above = sub - 0.5f;
  float bounded = above > -kBound ? above : -kBound;
  bounded = bounded < kBound ? bounded : kBound;
  int32_t shift = static_cast<int32_t>(bounded);
  if (static_cast<float>(shift) < bounded) shift++;
  const int32_t value = raw - shift;
  return value < 0 ? 0 : value > kMaxPixel ? kMaxPixel : value;
}

inline void correct_stripe(const Crosstalk& crosstalk, const float pedestal[], const int32_t* stripe,
                           int32_t* corrected) noexcept {
  float sub[kChannels] = {};
  for (int s = 0; s < kChannels; s++) {
    const float signal = static_cast<float>(stripe[s]) - pedestal[s];
    const float square = signal * signal;
    for (int t = 0; t < kChannels; t++) {
      sub[t] = std::fmaf(crosstalk.linear[s][t], signal, sub[t]);
      sub[t] = std::fmaf(crosstalk.quadratic[s][t], square, sub[t]);
    }
  }
  for (int t = 0; t < kChannels; t++) corrected[t] = subtract(stripe[t], sub[t]);
}

inline void correct_row_scalar(const SourceLayout& layout, const Crosstalk& crosstalk, const int32_t* stripes,
                               int32_t* corrected) noexcept {
  float pedestal[kChannels];
  pedestal_of(layout, stripes, pedestal);
  for (int column = 0; column < layout.columns; column++, stripes += kChannels, corrected += kChannels) {
    correct_stripe(crosstalk, pedestal, stripes, corrected);
  }
}

}  // namespace
}  // namespace ccarchiver
