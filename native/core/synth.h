// Synthetic exposures: seeded, the same words on every machine, and physically sensible. Only IEEE 754 additions, multiplications, divisions and square
// roots are used, in a fixed order, and no function of the C library, so that no compiler or processor changes a bit.
#pragma once
#include <cstdint>

#include "geometry.h"
#include "kernels.h"

namespace ccarchiver {

struct SynthAmplifier {
  float bias = 0;        // adu
  float gain = 1;        // e-/adu
  float read_noise = 0;  // e- rms
};

struct SynthCcd {
  SynthAmplifier amplifier[kChannels];
  bool has_crosstalk = false;
  Crosstalk crosstalk = {};  // in adu
};

// What one source shows. Imaging pixels of each segment are columns [first_column, end_column) of rows [0, end_row); all else is prescan or overscan.
struct SynthScene {
  uint64_t seed = 0;     // of the exposure
  uint64_t sensors = 0;  // of what belongs to the sensors: their defects
  int first_column = 0;
  int end_column = 0;
  int end_row = 0;
  float sky = 0;  // e- per pixel
  int stars = 0;  // per segment
  SynthCcd ccd[kMaxCcds];
};

// Packed words of rows [first_row, first_row + rows), layout.row_bytes() each. Any split into calls, on any threads, gives the same bytes.
//   pixel = clip(bias + drift + s + crosstalk(s) + 0.5), s = (electrons + noise) / gain
// electrons: sky with a gentle slope, Moffat stars, bad columns, saturation with charge that bleeds along columns; 0 outside of the imaging pixels.
// noise: normal with variance electrons + read noise squared. crosstalk(s)[t] = sum of linear[u][t] * s[u] + quadratic[u][t] * s[u]^2.
void synthesize_rows(const SourceLayout& layout, const SynthScene& scene, int first_row, int rows, uint8_t* packed);

}  // namespace ccarchiver
