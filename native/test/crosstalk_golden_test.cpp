// The correction agrees with published results of the ComCam coefficients (R22 S00).
#include <cmath>
#include <vector>

#include "../core/kernels.h"
#include "support/comcam_crosstalk.h"
#include "support/layouts.h"
#include "support/run.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

using Values = double[kChannels];

// Gains of R22 S00 in e-/adu, FITS order.
constexpr Values kGain = {1.3517, 1.3597, 1.3423, 1.3337, 1.3051, 1.3448, 1.3557, 1.3202,
                          1.4009, 1.4343, 1.4329, 1.4228, 1.3028, 1.2945, 1.3809, 1.4009};
constexpr Values kUnitGain = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

// Coefficients in adu, times `scale`; in float64, stored in float32.
Crosstalk coefficients(const Values& gain, bool with_quadratic, double scale = 1) {
  Crosstalk made = {};
  for (int s = 0; s < kChannels; s++) {
    for (int t = 0; t < kChannels; t++) {
      made.linear[s][t] = static_cast<float>(scale * kComcamLinear[s][t] * gain[s] / gain[t]);
      if (with_quadratic)
        made.quadratic[s][t] = static_cast<float>(scale * kComcamQuadratic[s][t] * gain[s] * gain[s] / gain[t]);
    }
  }
  return made;
}

// Corrects one pixel of each segment; the overscan columns behind it hold the pedestal.
std::vector<int32_t> correct(const Crosstalk& crosstalk, const std::vector<int32_t>& pixels,
                             const std::vector<int32_t>& pedestal) {
  constexpr int kColumns = 12;
  const SourceLayout layout = [] {
    SourceLayout made = science_layout(kColumns);
    made.pedestal_first = 1;
    return made;
  }();
  std::vector<int32_t> stripes(pixels);
  for (int column = 1; column < kColumns; column++) stripes.insert(stripes.end(), pedestal.begin(), pedestal.end());
  std::vector<int32_t> corrected(stripes.size());
  correct_row(layout, 0, crosstalk, stripes.data(), corrected.data());
  corrected.resize(kChannels);
  return corrected;
}

// The subtracted signal to a part of 1 / scale, though the correction gives whole numbers: coefficients times a power
// of 2 scale the result exactly.
std::vector<double> subtracted(const std::vector<double>& signal, bool with_quadratic) {
  constexpr double kScale = 4096;
  constexpr int32_t kPedestal = 110000;  // keeps signal and scaled result within 18 bits
  std::vector<int32_t> pixels;
  for (double value : signal) pixels.push_back(kPedestal + static_cast<int32_t>(value));
  const std::vector<int32_t> pedestal(kChannels, kPedestal);
  const std::vector<int32_t> corrected = correct(coefficients(kUnitGain, with_quadratic, kScale), pixels, pedestal);
  std::vector<double> made;
  for (size_t f = 0; f < kChannels; f++) made.push_back((pixels[f] - corrected[f]) / kScale);
  return made;
}

}  // namespace

TEST_CASE("one bright amplifier of 100000 e is subtracted from the others as published") {
  constexpr Values kLinear = {4.919703, 20.291487, 0,        24.696412, 8.775704, 5.206467, 0.906449, 0.045036,
                              0.352814, 0.121239,  0.179729, 0.190236,  0.410374, 0.247690, 0.001132, 0.139801};
  constexpr Values kQuadratic = {3.561051,  18.753875, 0,         23.551748, 7.122691,  3.333514,
                                 -0.330950, -0.574281, -0.334336, -0.442749, -0.472026, -0.506078,
                                 -0.284022, -0.260256, -0.599175, -0.411023};
  std::vector<double> signal(kChannels, 0);
  signal[2] = 100000;
  on_each_cpu([&] {
    const std::vector<double> linear = subtracted(signal, false);
    const std::vector<double> quadratic = subtracted(signal, true);
    for (size_t f = 0; f < kChannels; f++) {
      CHECK(std::abs(linear[f] - kLinear[f]) < 2e-4);
      CHECK(std::abs(quadratic[f] - kQuadratic[f]) < 2e-4);
    }
  });
}

TEST_CASE("a ramp of 1000 to 16000 e is corrected as published, to a part in a million") {
  constexpr Values kLinear = {998.77624997,   1998.01204931,  2997.26485915,  3996.78554650,
                              4996.68827374,  5996.28090602,  6997.37465133,  7998.27369845,
                              8997.96569163,  9995.51196833,  10993.06710152, 11991.43190527,
                              12991.19108804, 13990.16575052, 14992.34044714, 15996.04966540};
  constexpr Values kQuadratic = {998.84924045,   1998.10251857,  2997.37195028,  3996.88322841,
                                 4996.79969861,  5996.38347518,  6997.47608705,  7998.35340076,
                                 8998.03894176,  9995.65715329,  10993.27627500, 11991.65285023,
                                 12991.40742988, 13990.39075200, 14992.53497655, 15996.17305882};
  std::vector<double> signal;
  for (int f = 0; f < kChannels; f++) signal.push_back(1000 * (f + 1));
  on_each_cpu([&] {
    const std::vector<double> linear = subtracted(signal, false);
    const std::vector<double> quadratic = subtracted(signal, true);
    for (size_t f = 0; f < kChannels; f++) {
      CHECK(std::abs(signal[f] - linear[f] - kLinear[f]) < 1e-6 * kLinear[f]);
      CHECK(std::abs(signal[f] - quadratic[f] - kQuadratic[f]) < 1e-6 * kQuadratic[f]);
    }
  });
}

TEST_CASE("raw counts with pedestals and gains are corrected to the published integers") {
  const std::vector<int32_t> raw = {26000, 26100, 115200, 26300,  26400, 26500, 26600, 26700,
                                    26800, 26900, 27000,  156100, 27200, 27300, 27400, 27500};
  const std::vector<int32_t> linear = {25995, 26081, 115199, 26277,  26391, 26495, 26599, 26699,
                                       26798, 26895, 26974,  156099, 27165, 27283, 27392, 27498};
  const std::vector<int32_t> quadratic = {25998, 26084, 115201, 26280,  26394, 26498, 26601, 26702,
                                          26801, 26899, 26984,  156100, 27177, 27289, 27396, 27500};
  std::vector<int32_t> pedestal;
  for (int f = 0; f < kChannels; f++) pedestal.push_back(25000 + 100 * f);
  on_each_cpu([&] {
    CHECK(correct(coefficients(kGain, false), raw, pedestal) == linear);
    CHECK(correct(coefficients(kGain, true), raw, pedestal) == quadratic);
  });
}
