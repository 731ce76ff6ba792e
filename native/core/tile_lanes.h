// A row of one CCD from packed words to tiles, block by block, so that what is between the words and the codes never
// leaves the nearest cache. Included after a samples_*.h and a lanes_*.h.
#pragma once
#include <algorithm>

#include "crosstalk_lanes.h"
#include "rice_encode_lanes.h"
#include "unpack_lanes.h"

namespace ccarchiver {
namespace {

constexpr int kBlockValues = kRiceBlock * kChannels;

// The encoders of one product: one for each part of a stripe that holds segments.
template <int kEncoders>
class TileEncoder {
 public:
  // The next 1 to 32 columns; pixels of 18 bits are never too large for the encoders.
  void encode(TileRow& row, bool is_first, const int32_t* stripes, int columns) {
    for (int part = 0; part < kEncoders; part++) {
      const int32_t* pixels = stripes + part * Lanes::kCount;
      if (is_first) encoder_[part].open(row.out + part * Lanes::kCount, Lanes::load(pixels));
      encoder_[part].encode_block(pixels, columns);
    }
  }

  void finish(TileRow& row) {
    for (int part = 0; part < kEncoders; part++) {
      const int first = part * Lanes::kCount;
      encoder_[part].finish(row.out + first, row.length + first);
      alignas(64) int32_t sums[Lanes::kCount];
      Lanes::store(sums, encoder_[part].pixel_sum());
      for (int lane = 0; lane < Lanes::kCount; lane++) row.pixel_sum[first + lane] += static_cast<uint32_t>(sums[lane]);
    }
  }

 private:
  LaneEncoder encoder_[kEncoders];
};

inline Pedestal pedestal_of(const SourceLayout& layout, const PackedRow& packed) {
  alignas(64) int32_t stripes[kBlockValues];
  Pedestal pedestal;
  for (int first = layout.pedestal_first; first < layout.pedestal_end; first += kRiceBlock) {
    const int columns = std::min(kRiceBlock, layout.pedestal_end - first);
    packed.unpack(first, columns, stripes);
    pedestal.add(stripes, columns);
  }
  return pedestal;
}

template <int kEncoders>
void encode_products(const PackedCcdRow& from, TileRow* raw, TileRow* corrected) {
  const SourceLayout& layout = from.layout;
  const PackedRow packed(layout, from.ccd, from.packed);
  Correction correction;
  if (corrected != nullptr) {
    correction.open(*from.crosstalk, pedestal_of(layout, packed), layout.pedestal_end - layout.pedestal_first);
  }
  TileEncoder<kEncoders> raw_encoder, corrected_encoder;
  alignas(64) int32_t pixels[kBlockValues], without_crosstalk[kBlockValues];
  for (int first = 0; first < layout.columns; first += kRiceBlock) {
    const int columns = std::min(kRiceBlock, layout.columns - first);
    packed.unpack(first, columns, pixels);
    if (raw != nullptr) raw_encoder.encode(*raw, first == 0, pixels, columns);
    if (corrected == nullptr) continue;
    correction.correct(pixels, columns, without_crosstalk);
    corrected_encoder.encode(*corrected, first == 0, without_crosstalk, columns);
  }
  if (raw != nullptr) raw_encoder.finish(*raw);
  if (corrected != nullptr) corrected_encoder.finish(*corrected);
}

}  // namespace
}  // namespace ccarchiver
