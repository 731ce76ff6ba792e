// How the samples of one source (one REB's byte stream) are laid out. Values come from camera data; nothing here knows a camera.
#pragma once
#include <cstddef>
#include <cstdint>

namespace ccarchiver {

// One sample of a CCD group is 16 ADC values of 18 bits: 288 bits.
inline constexpr int kChannels = 16;
inline constexpr int kGroupBytes = 36;
inline constexpr int kMaxGroups = 3;
inline constexpr int kMaxCcds = 3;
inline constexpr int32_t kMaxPixel = 262143;  // 18 bits

struct CcdLayout {
  int group = 0;                    // which 36-byte group of the sample
  int segments = kChannels;         // 16, or 8 for a wavefront CCD
  uint8_t channel[kChannels] = {};  // FITS order -> DAQ channel within the group
};

struct SourceLayout {
  int groups = 1;
  int columns = 0;        // NAXIS1
  int rows = 0;           // NAXIS2
  uint32_t xor_mask = 0;  // FITS value = raw XOR mask
  int pedestal_first = 0; // 0-based, half-open
  int pedestal_end = 0;
  int ccd_count = 1;
  CcdLayout ccd[kMaxCcds];

  size_t row_bytes() const { return static_cast<size_t>(columns) * groups * kGroupBytes; }
};

}  // namespace ccarchiver
