#include "synth_random.h"

#include <cmath>

namespace ccarchiver {

namespace {

// exp(-t) for 0 <= t <= 16 to about 1e-13: Taylor series of exp(-t / 256), squared eight times.
double exp_minus(double t) {
  const double x = -t / 256;
  double term = 1;
  double sum = 1;
  for (int i = 1; i <= 8; i++) {
    term = term * x / i;
    sum += term;
  }
  for (int i = 0; i < 8; i++) sum *= sum;
  return sum;
}

}  // namespace

// Walks from 0 outwards over the density and notes where each quantile (i + 0.5) / kSize is passed; the other half is its mirror image.
NormalTable::NormalTable() {
  constexpr double kInverseRootTwoPi = 0.39894228040143267794;
  constexpr double kStep = 1.0 / 8192;
  double upper[kSize / 2];
  double x = 0;
  double area = 0;
  double squares = 0;
  for (int i = 0; i < kSize / 2; i++) {
    const double target = (i + 0.5) / kSize;
    double slice = 0;
    while (area < target) {
      const double middle = x + kStep / 2;
      slice = kInverseRootTwoPi * exp_minus(middle * middle / 2) * kStep;
      area += slice;
      x += kStep;
    }
    upper[i] = x - (area - target) / slice * kStep;
    squares += upper[i] * upper[i];
  }
  // The quantiles of a finite table vary a little less than the distribution: scale them to a variance of exactly 1/2.
  const double scale = std::sqrt(0.5 / (squares / (kSize / 2)));
  for (int i = 0; i < kSize / 2; i++) {
    quantile_[kSize / 2 + i] = static_cast<float>(upper[i] * scale);
    quantile_[kSize / 2 - 1 - i] = static_cast<float>(-upper[i] * scale);
  }
}

const NormalTable& NormalTable::shared() {
  static const NormalTable table;
  return table;
}

}  // namespace ccarchiver
