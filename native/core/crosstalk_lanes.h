// The crosstalk correction with amplifiers as lanes. Included after a lanes_*.h. Each target's sum is the scalar
// form's, fused step by fused step.
#pragma once
#include <cstddef>

#include "kernel_set.h"

namespace ccarchiver {
namespace {

using Int = Lanes::Int;
using Float = Lanes::Float;

constexpr int kParts = kChannels / Lanes::kCount;    // vectors per stripe
constexpr int kBatch = Lanes::kCount == 16 ? 8 : 4;  // stripes whose sums are held in registers together

struct Pedestal {
  Float part[kParts];
};

inline Pedestal pedestal_of(const SourceLayout& layout, const int32_t* stripes) {
  Pedestal pedestal;
  const Float columns = Lanes::set_float(static_cast<float>(layout.pedestal_end - layout.pedestal_first));
  for (int part = 0; part < kParts; part++) {
    Int sum = Lanes::set(0);
    for (int column = layout.pedestal_first; column < layout.pedestal_end; column++) {
      sum = Lanes::add(sum, Lanes::load(stripes + static_cast<size_t>(column) * kChannels + part * Lanes::kCount));
    }
    pedestal.part[part] = Lanes::divide(Lanes::to_float(sum), columns);
  }
  return pedestal;
}

// clip(raw - ceil(sub - 0.5)), as `subtract` of crosstalk_scalar.h.
inline Int subtract(Int raw, Float sub) {
  const Float bound = Lanes::set_float(static_cast<float>(kMaxPixel));
  const Float above = Lanes::subtract_float(sub, Lanes::set_float(0.5f));
  const Float bounded = Lanes::less(Lanes::greater(above, Lanes::subtract_float(Lanes::set_float(0), bound)), bound);
  const Int value = Lanes::subtract(raw, Lanes::ceiling(bounded));
  return Lanes::min(Lanes::max(value, Lanes::set(0)), Lanes::set(kMaxPixel));
}

// Stripes that are corrected together: enough of them that one's fused steps need not wait for another's.
template <int kStripes>
struct Batch {
  alignas(64) float signal[kStripes][kChannels];
  alignas(64) float square[kStripes][kChannels];
  Float sub[kStripes][kParts];

  void load(const Pedestal& pedestal, const int32_t* stripes) {
    for (int j = 0; j < kStripes; j++) {
      for (int part = 0; part < kParts; part++) {
        const int at = part * Lanes::kCount;
        const Int raw = Lanes::load(stripes + j * kChannels + at);
        const Float s = Lanes::subtract_float(Lanes::to_float(raw), pedestal.part[part]);
        Lanes::store_float(signal[j] + at, s);
        Lanes::store_float(square[j] + at, Lanes::multiply(s, s));
        sub[j][part] = Lanes::set_float(0);
      }
    }
  }

  void add_source(const Crosstalk& crosstalk, int s) {
    Float linear[kParts], quadratic[kParts];
    for (int part = 0; part < kParts; part++) {
      linear[part] = Lanes::load_float(crosstalk.linear[s] + part * Lanes::kCount);
      quadratic[part] = Lanes::load_float(crosstalk.quadratic[s] + part * Lanes::kCount);
    }
    for (int j = 0; j < kStripes; j++) {
      const Float source = Lanes::set_float(signal[j][s]);
      const Float source_square = Lanes::set_float(square[j][s]);
      for (int part = 0; part < kParts; part++) {
        sub[j][part] = Lanes::multiply_add(linear[part], source, sub[j][part]);
        sub[j][part] = Lanes::multiply_add(quadratic[part], source_square, sub[j][part]);
      }
    }
  }

  void store(const int32_t* stripes, int32_t* corrected) const {
    for (int j = 0; j < kStripes; j++) {
      for (int part = 0; part < kParts; part++) {
        const int at = j * kChannels + part * Lanes::kCount;
        Lanes::store(corrected + at, subtract(Lanes::load(stripes + at), sub[j][part]));
      }
    }
  }
};

template <int kStripes>
inline void correct_stripes(const Crosstalk& crosstalk, const Pedestal& pedestal, const int32_t* stripes,
                            int32_t* corrected) {
  Batch<kStripes> batch;
  batch.load(pedestal, stripes);
  for (int s = 0; s < kChannels; s++) batch.add_source(crosstalk, s);
  batch.store(stripes, corrected);
}

inline void correct_lanes(const SourceLayout& layout, const Crosstalk& crosstalk, const int32_t* stripes,
                          int32_t* corrected) {
  const Pedestal pedestal = pedestal_of(layout, stripes);
  int left = layout.columns;
  for (; left >= kBatch; left -= kBatch, stripes += kBatch * kChannels, corrected += kBatch * kChannels) {
    correct_stripes<kBatch>(crosstalk, pedestal, stripes, corrected);
  }
  for (; left > 0; left--, stripes += kChannels, corrected += kChannels) {
    correct_stripes<1>(crosstalk, pedestal, stripes, corrected);
  }
}

}  // namespace
}  // namespace ccarchiver
