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

// The pedestal of one row, from the stripes of its pedestal columns in any portions.
class Pedestal {
 public:
  Pedestal() {
    for (Int& sum : sum_) sum = Lanes::set(0);
  }

  // 2048 columns of 18 bits fit a lane.
  void add(const int32_t* stripes, int columns) {
    for (int column = 0; column < columns; column++, stripes += kChannels) {
      for (int part = 0; part < kParts; part++) {
        sum_[part] = Lanes::add(sum_[part], Lanes::load(stripes + part * Lanes::kCount));
      }
    }
  }

  Float mean(int part, int columns) const {
    return Lanes::divide(Lanes::to_float(sum_[part]), Lanes::set_float(static_cast<float>(columns)));
  }

 private:
  Int sum_[kParts];
};

// clip(raw - ceil(sub - 0.5)), as `subtract` of crosstalk_scalar.h.
inline Int subtract(Int raw, Float sub) {
  const Float bound = Lanes::set_float(static_cast<float>(kMaxPixel));
  const Float above = Lanes::subtract_float(sub, Lanes::set_float(0.5f));
  const Float bounded = Lanes::less(Lanes::greater(above, Lanes::subtract_float(Lanes::set_float(0), bound)), bound);
  const Int value = Lanes::subtract(raw, Lanes::ceiling(bounded));
  return Lanes::min(Lanes::max(value, Lanes::set(0)), Lanes::set(kMaxPixel));
}

// The sources of up to kMost stripes. They are made before the first sum is begun: a sum's first step need not wait for them.
template <bool kQuadratic>
struct Signals {
  static constexpr int kMost = 32;

  alignas(64) float linear[kMost][kChannels];
  alignas(64) float square[kQuadratic ? kMost : 1][kChannels];

  Signals(const Float pedestal[kParts], const int32_t* stripes, int count) {
    for (int j = 0; j < count; j++, stripes += kChannels) {
      for (int part = 0; part < kParts; part++) {
        const int at = part * Lanes::kCount;
        const Float signal = Lanes::subtract_float(Lanes::to_float(Lanes::load(stripes + at)), pedestal[part]);
        Lanes::store_float(linear[j] + at, signal);
        if (kQuadratic) Lanes::store_float(square[j] + at, Lanes::multiply(signal, signal));
      }
    }
  }
};

// Stripes that are corrected together: enough of them that one's fused steps need not wait for another's.
template <int kStripes, bool kQuadratic>
struct Batch {
  Float sub[kStripes][kParts];

  Batch(const Crosstalk& crosstalk, const Signals<kQuadratic>& signals, int first) {
    for (auto& stripe : sub) {
      for (Float& part : stripe) part = Lanes::set_float(0);
    }
#pragma GCC unroll 1  // unrolled, the compiler moves the sums between registers and memory
    for (int s = 0; s < kChannels; s++) {
      add_source(crosstalk.linear[s], &signals.linear[first][s]);
      if (kQuadratic) add_source(crosstalk.quadratic[s], &signals.square[first][s]);
    }
  }

  void add_source(const float coefficients[kChannels], const float* signal) {
    Float coefficient[kParts];
    for (int part = 0; part < kParts; part++) coefficient[part] = Lanes::load_float(coefficients + part * Lanes::kCount);
    for (int j = 0; j < kStripes; j++) {
      const Float source = Lanes::set_float(signal[j * kChannels]);
      for (int part = 0; part < kParts; part++) {
        sub[j][part] = Lanes::multiply_add(coefficient[part], source, sub[j][part]);
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

// The correction of one row, whose pedestal is known.
class Correction {
 public:
  // `crosstalk` must outlive the correction.
  void open(const Crosstalk& crosstalk, const Pedestal& pedestal, int pedestal_columns) {
    crosstalk_ = &crosstalk;
    quadratic_ = has_quadratic(crosstalk);
    for (int part = 0; part < kParts; part++) pedestal_[part] = pedestal.mean(part, pedestal_columns);
  }

  void correct(const int32_t* stripes, int columns, int32_t* corrected) const {
    quadratic_ ? all<true>(stripes, columns, corrected) : all<false>(stripes, columns, corrected);
  }

 private:
  // A fused step with coefficient 0 changes no sum: where all are 0 they are left out.
  static bool has_quadratic(const Crosstalk& crosstalk) {
    Int bits = Lanes::set(0);
    for (const auto& row : crosstalk.quadratic) {
      for (int part = 0; part < kParts; part++) {
        bits = Lanes::bit_or(bits, Lanes::bits_of(Lanes::load_float(row + part * Lanes::kCount)));
      }
    }
    return Lanes::any_bit(bits, 0xffffffff);
  }

  template <bool kQuadratic>
  void all(const int32_t* stripes, int left, int32_t* corrected) const {
    while (left > 0) {
      const int count = left < Signals<kQuadratic>::kMost ? left : Signals<kQuadratic>::kMost;
      some(Signals<kQuadratic>(pedestal_, stripes, count), stripes, count, corrected);
      stripes += count * kChannels;
      corrected += count * kChannels;
      left -= count;
    }
  }

  template <bool kQuadratic>
  void some(const Signals<kQuadratic>& signals, const int32_t* stripes, int count, int32_t* corrected) const {
    int done = 0;
    for (; done + kBatch <= count; done += kBatch) {
      Batch<kBatch, kQuadratic>(*crosstalk_, signals, done).store(stripes + done * kChannels, corrected + done * kChannels);
    }
    for (; done < count; done++) {
      Batch<1, kQuadratic>(*crosstalk_, signals, done).store(stripes + done * kChannels, corrected + done * kChannels);
    }
  }

  const Crosstalk* crosstalk_ = nullptr;
  bool quadratic_ = false;
  Float pedestal_[kParts];
};

inline void correct_lanes(const SourceLayout& layout, const Crosstalk& crosstalk, const int32_t* stripes,
                          int32_t* corrected) {
  const int pedestal_columns = layout.pedestal_end - layout.pedestal_first;
  Pedestal pedestal;
  pedestal.add(stripes + static_cast<size_t>(layout.pedestal_first) * kChannels, pedestal_columns);
  Correction correction;
  correction.open(crosstalk, pedestal, pedestal_columns);
  correction.correct(stripes, layout.columns, corrected);
}

}  // namespace
}  // namespace ccarchiver
