// A source of small geometry with random pixels, and the header cards of its files.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "../../core/source.h"
#include "layouts.h"
#include "random.h"

namespace ccarchiver::test {

inline SourceOptions source_options(const SourceLayout& layout, int rows, Compression compression = Compression::kRice) {
  SourceOptions options = {};
  options.layout = layout;
  options.layout.rows = rows;
  options.wanted[static_cast<int>(Product::kRaw)] = true;
  options.compression = compression;
  return options;
}

inline void want_corrected(SourceOptions& options) {
  options.wanted[static_cast<int>(Product::kCorrected)] = true;
  for (int ccd = 0; ccd < options.layout.ccd_count; ccd++) {
    options.has_crosstalk[ccd] = true;
    for (int s = 0; s < kChannels; s++) {
      for (int t = 0; t < kChannels; t++) options.crosstalk[ccd].linear[s][t] = s == t ? 0.0f : 0.1f;  // far above nature, so that noise alone moves pixels
    }
  }
}

// Packed rows of a bias with noise.
inline std::vector<uint8_t> noisy_rows(const SourceLayout& layout, int rows, uint64_t seed) {
  Random random(seed);
  std::vector<uint8_t> packed(layout.row_bytes() * static_cast<size_t>(rows));
  std::vector<std::vector<int32_t>> stripes(kMaxCcds, std::vector<int32_t>(static_cast<size_t>(layout.columns) * kChannels));
  const int32_t* pointers[kMaxCcds] = {stripes[0].data(), stripes[1].data(), stripes[2].data()};
  for (int row = 0; row < rows; row++) {
    for (auto& stripe : stripes) {
      for (int32_t& pixel : stripe) pixel = 25000 + static_cast<int32_t>(8 * random.normal());
    }
    pack_row(layout, pointers, packed.data() + layout.row_bytes() * static_cast<size_t>(row));
  }
  return packed;
}

inline std::vector<uint8_t> cards(const std::vector<std::string>& lines) {
  std::vector<uint8_t> bytes;
  for (std::string line : lines) {
    line.resize(80, ' ');
    bytes.insert(bytes.end(), line.begin(), line.end());
  }
  return bytes;
}

}  // namespace ccarchiver::test
