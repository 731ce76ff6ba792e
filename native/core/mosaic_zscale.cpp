#include <algorithm>
#include <cmath>

#include "mosaic.h"

namespace ccarchiver {

namespace {

constexpr size_t kSamples = 10000;
constexpr double kContrast = 0.25;
constexpr double kRejectSigma = 2.5;
constexpr int kRounds = 5;
constexpr size_t kFewest = 5;         // good samples, or
constexpr double kFewestPart = 0.5;   // this part of all, that a line needs to be believed
constexpr double kGrowPart = 0.01;    // a rejected sample takes this part of all, around it, with it

struct Line {
  double slope;
  double start;
};

std::vector<float> sorted_samples(const float* image, size_t pixels) {
  const size_t known = static_cast<size_t>(std::count_if(image, image + pixels, [](float v) { return std::isfinite(v); }));
  const size_t step = std::max<size_t>(1, known / kSamples);
  std::vector<float> samples;
  size_t seen = 0;
  for (size_t i = 0; i < pixels && samples.size() < kSamples; i++) {
    if (std::isfinite(image[i]) && seen++ % step == 0) samples.push_back(image[i]);
  }
  std::sort(samples.begin(), samples.end());
  return samples;
}

// Least squares through the samples that are not rejected, against their rank.
Line fit(const std::vector<float>& samples, const std::vector<bool>& rejected) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  for (size_t i = 0; i < samples.size(); i++) {
    if (rejected[i]) continue;
    const double x = static_cast<double>(i), y = samples[i];
    n += 1, sx += x, sy += y, sxx += x * x, sxy += x * y;
  }
  const double determinant = n * sxx - sx * sx;
  const double slope = determinant == 0 ? 0 : (n * sxy - sx * sy) / determinant;
  return {slope, (sy - slope * sx) / n};
}

// Rejects samples far from the line, and their neighbours; returns how many are left.
size_t reject(const std::vector<float>& samples, const Line& line, std::vector<bool>& rejected) {
  const auto distance = [&](size_t i) { return samples[i] - (line.start + line.slope * static_cast<double>(i)); };
  double n = 0, sum = 0, squares = 0;
  for (size_t i = 0; i < samples.size(); i++) {
    if (!rejected[i]) n += 1, sum += distance(i), squares += distance(i) * distance(i);
  }
  const double threshold = kRejectSigma * std::sqrt(std::max(0.0, squares / n - (sum / n) * (sum / n)));
  std::vector<bool> grown(samples.size());
  const size_t grow = std::max<size_t>(1, static_cast<size_t>(static_cast<double>(samples.size()) * kGrowPart));
  for (size_t i = 0; i < samples.size(); i++) {
    if (!rejected[i] && std::abs(distance(i)) <= threshold) continue;
    const size_t first = i < (grow - 1) / 2 ? 0 : i - (grow - 1) / 2;
    for (size_t j = first; j <= i + grow / 2 && j < samples.size(); j++) grown[j] = true;
  }
  rejected = std::move(grown);
  return static_cast<size_t>(std::count(rejected.begin(), rejected.end(), false));
}

}  // namespace

Range zscale(const float* image, size_t pixels) {
  const std::vector<float> samples = sorted_samples(image, pixels);
  if (samples.empty()) return {0.0f, 1.0f};
  const size_t n = samples.size();
  const size_t fewest = std::max(kFewest, static_cast<size_t>(static_cast<double>(n) * kFewestPart));
  std::vector<bool> rejected(n);
  Line line{0, 0};
  for (size_t round = 0, good = n, before = n + 1; round < kRounds && good < before; round++) {
    if (good < fewest) return {samples.front(), samples.back()};
    line = fit(samples, rejected);
    before = good;
    good = reject(samples, line, rejected);
    if (good < fewest) return {samples.front(), samples.back()};
  }
  const double median = n % 2 == 1 ? samples[n / 2] : (static_cast<double>(samples[n / 2 - 1]) + samples[n / 2]) / 2;
  const double slope = line.slope / kContrast;
  const double centre = static_cast<double>((n - 1) / 2);
  const Range range{std::max(samples.front(), static_cast<float>(median - (centre - 1) * slope)),
                    std::min(samples.back(), static_cast<float>(median + (static_cast<double>(n) - centre) * slope))};
  // Most pixels alike (blanked, or spots on nothing): the few others are what there is to see.
  return range.high > range.low ? range : Range{samples.front(), samples.back()};
}

}  // namespace ccarchiver
