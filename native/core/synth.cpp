#include "synth.h"

#include <cmath>
#include <cstring>
#include <vector>

#include "synth_random.h"
#include "synth_sky.h"

namespace ccarchiver {

namespace {

enum Stream : int { kNoiseStream = 11, kDriftStream = 12 };

// The bias of an amplifier settles at the start of the readout and wanders slowly, in adu.
constexpr float kSettling = 6;
constexpr float kSettlingRows = 40;
constexpr float kWander = 1.5f;
constexpr int kWanderRows = 128;

// One CCD of the source on its way from electrons to pixels. Planes hold columns * 16 values, lane = segment.
class SynthRows {
 public:
  SynthRows(const SourceLayout& layout, const SynthScene& scene, int ccd, int first_row, int rows)
      : layout_(layout), scene_(scene), ccd_(ccd), electrons_(plane_size()), signal_(plane_size()), stripes_(plane_size()) {
    for (int f = 0; f < layout.ccd[ccd].segments; f++) sky_.emplace_back(scene, ccd, f, first_row, first_row + rows);
  }

  const int32_t* row(int row) {
    std::memset(electrons_.data(), 0, electrons_.size() * sizeof(float));
    if (row < scene_.end_row) {
      float* imaging = &electrons_[static_cast<size_t>(scene_.first_column) * kChannels];
      for (size_t f = 0; f < sky_.size(); f++) sky_[f].add_row(row, imaging + f, kChannels);
    }
    add_noise(row);
    digitize(row);
    return stripes_.data();
  }

 private:
  size_t plane_size() const { return static_cast<size_t>(layout_.columns) * kChannels; }

  // signal = (electrons + noise) / gain
  void add_noise(int row) {
    const NormalTable& normal = NormalTable::shared();
    Random random(scene_.seed, kNoiseStream, ccd_, row);
    float variance[kChannels], inverse_gain[kChannels];
    for (int f = 0; f < kChannels; f++) {
      const SynthAmplifier& amplifier = scene_.ccd[ccd_].amplifier[f];
      variance[f] = amplifier.read_noise * amplifier.read_noise;
      inverse_gain[f] = 1 / amplifier.gain;
    }
    for (int column = 0; column < layout_.columns; column++) {
      const float* electrons = &electrons_[static_cast<size_t>(column) * kChannels];
      float* signal = &signal_[static_cast<size_t>(column) * kChannels];
      float deviate[kChannels];
      for (int f = 0; f < kChannels; f += 2) {
        const uint64_t bits = random.next();
        deviate[f] = normal(bits);
        deviate[f + 1] = normal(bits >> 32);
      }
      for (int f = 0; f < kChannels; f++) {
        signal[f] = (electrons[f] + deviate[f] * std::sqrt(electrons[f] + variance[f])) * inverse_gain[f];
      }
    }
  }

  void digitize(int row) {
    const SynthCcd& ccd = scene_.ccd[ccd_];
    const int segments = layout_.ccd[ccd_].segments;
    float level[kChannels];
    for (int f = 0; f < kChannels; f++) level[f] = ccd.amplifier[f].bias + drift(f, row) + 0.5f;
    for (int column = 0; column < layout_.columns; column++) {
      const float* signal = &signal_[static_cast<size_t>(column) * kChannels];
      int32_t* stripe = &stripes_[static_cast<size_t>(column) * kChannels];
      float value[kChannels];
      for (int t = 0; t < kChannels; t++) value[t] = level[t] + signal[t];
      for (int s = 0; s < segments && ccd.has_crosstalk; s++) {
        const float* linear = ccd.crosstalk.linear[s];
        const float* quadratic = ccd.crosstalk.quadratic[s];
        for (int t = 0; t < kChannels; t++) value[t] += signal[s] * (linear[t] + quadratic[t] * signal[s]);
      }
      constexpr float kTop = static_cast<float>(kMaxPixel);
      for (int t = 0; t < kChannels; t++) {
        const float bounded = value[t] < 0 ? 0 : value[t] > kTop ? kTop : value[t];
        stripe[t] = t < segments ? static_cast<int32_t>(bounded) : 0;
      }
    }
  }

  float drift(int segment, int row) const {
    const auto knot = [&](int at) { return 2 * Random(scene_.seed, kDriftStream, ccd_, segment, at).uniform() - 1; };
    const int before = row / kWanderRows;
    const float between = static_cast<float>(row % kWanderRows) / kWanderRows;
    const float wander = knot(before) * (1 - between) + knot(before + 1) * between;
    return kSettling / (1 + static_cast<float>(row) / kSettlingRows) + kWander * wander;
  }

  const SourceLayout& layout_;
  const SynthScene& scene_;
  const int ccd_;
  std::vector<SegmentSky> sky_;
  std::vector<float> electrons_, signal_;
  std::vector<int32_t> stripes_;
};

}  // namespace

void synthesize_rows(const SourceLayout& layout, const SynthScene& scene, int first_row, int rows, uint8_t* packed) {
  std::vector<SynthRows> ccds;
  for (int ccd = 0; ccd < layout.ccd_count; ccd++) ccds.emplace_back(layout, scene, ccd, first_row, rows);
  for (int row = first_row; row < first_row + rows; row++) {
    const int32_t* stripes[kMaxCcds];
    for (size_t ccd = 0; ccd < ccds.size(); ccd++) stripes[ccd] = ccds[ccd].row(row);
    pack_row(layout, stripes, packed + static_cast<size_t>(row - first_row) * layout.row_bytes());
  }
}

}  // namespace ccarchiver
