#include "synth_sky.h"

#include <algorithm>
#include <cmath>

#include "synth_random.h"

namespace ccarchiver {

namespace {

enum Stream : int { kStarStream = 1, kColumnStream = 2, kSlopeStream = 3 };

// Moffat profile with beta 3, peak / (1 + r^2 / alpha^2)^3; FWHM 1.02 alpha = 4.5 pixels, 0.9 arcsec of ComCam.
constexpr float kAlpha = 4.4f;
constexpr int kMaxRadius = 64;
constexpr float kFaintest = 0.3f;  // e-: a star ends where it is below
// Numbers of stars fall as 1 / brightness between these peaks, in e-.
constexpr float kMinPeak = 150;
constexpr float kMaxPeak = 3e7f;
constexpr int kBadColumns = 3;
// The sky changes by at most this fraction from edge to edge of a segment.
constexpr float kMaxSlope = 0.04f;

float moffat(float square) {
  const float base = 1 + square * (1 / (kAlpha * kAlpha));
  return 1 / (base * base * base);
}

int radius_of(float peak) {
  int radius = 4;
  while (radius < kMaxRadius && peak * moffat(static_cast<float>(radius * radius)) > kFaintest) radius++;
  return radius;
}

}  // namespace

SegmentSky::SegmentSky(const SynthScene& scene, int ccd, int segment, int first_row, int end_row)
    : columns_(scene.end_column - scene.first_column), rows_(scene.end_row), sky_(scene.sky) {
  Random slopes(scene.seed, kSlopeStream, ccd, segment);
  slope_x_ = scene.sky * kMaxSlope * (slopes.uniform() - 0.5f) / static_cast<float>(columns_);
  slope_y_ = scene.sky * kMaxSlope * (slopes.uniform() - 0.5f) / static_cast<float>(rows_);
  Random random(scene.seed, kStarStream, ccd, segment);
  for (int i = 0; i < scene.stars; i++) {
    Star star;
    star.x = random.uniform() * static_cast<float>(columns_);
    star.y = random.uniform() * static_cast<float>(rows_);
    star.peak = std::min(kMinPeak / (1 - random.uniform()), kMaxPeak);
    star.radius = radius_of(star.peak);
    add_star(star, scene.sky, first_row, end_row);
  }
  Random defects(scene.sensors, kColumnStream, ccd, segment);
  for (int i = 0; i < kBadColumns; i++) {
    const bool dark = defects.below(2) == 0;
    const int column = defects.below(columns_);
    const int first = defects.below(rows_);
    const float extra = 500 + 20000 * defects.uniform();
    bad_columns_.push_back({column, first, dark ? 0.1f : 1.0f, dark ? 0.0f : extra});
  }
}

void SegmentSky::add_star(const Star& star, float sky, int first_row, int end_row) {
  if (star.peak + sky > kFullWell) add_bleeds(star, sky);
  const int row = static_cast<int>(star.y);
  if (row + star.radius >= first_row && row - star.radius < end_row) stars_.push_back(star);
}

float SegmentSky::light(const Star& star, int column, int row) const {
  const float dx = static_cast<float>(column) + 0.5f - star.x;
  const float dy = static_cast<float>(row) + 0.5f - star.y;
  return star.peak * moffat(dx * dx + dy * dy);
}

// What a column of the star holds beyond the full well fills as many pixels next to it, half to each side.
void SegmentSky::add_bleeds(const Star& star, float sky) {
  const int row = static_cast<int>(star.y);
  const int column = static_cast<int>(star.x);
  for (int c = std::max(0, column - star.radius); c <= std::min(columns_ - 1, column + star.radius); c++) {
    float excess = 0;
    int full = 0;
    for (int r = row - star.radius; r <= row + star.radius; r++) {
      const float charge = light(star, c, r) + sky - kFullWell;
      if (charge <= 0) continue;
      excess += charge;
      full++;
    }
    if (full == 0) continue;
    const int spread = full / 2 + static_cast<int>(std::min(excess / (kFullWell - sky), 1e6f) * 0.5f);
    bleeds_.push_back({c, std::max(0, row - spread), std::min(rows_ - 1, row + spread)});
  }
}

void SegmentSky::add_row(int row, float* electrons, int stride) const {
  const float base = sky_ + slope_y_ * (static_cast<float>(row) - 0.5f * static_cast<float>(rows_));
  for (int c = 0; c < columns_; c++) electrons[c * stride] = base + slope_x_ * (static_cast<float>(c) - 0.5f * static_cast<float>(columns_));
  for (const Star& star : stars_) {
    if (std::abs(row - static_cast<int>(star.y)) > star.radius) continue;
    const int centre = static_cast<int>(star.x);
    const int end = std::min(columns_ - 1, centre + star.radius);
    for (int c = std::max(0, centre - star.radius); c <= end; c++) electrons[c * stride] += light(star, c, row);
  }
  for (const BadColumn& bad : bad_columns_) {
    if (row >= bad.first) electrons[bad.column * stride] = electrons[bad.column * stride] * bad.scale + bad.add;
  }
  for (const Bleed& bleed : bleeds_) {
    if (row >= bleed.first && row <= bleed.end) electrons[bleed.column * stride] = kFullWell;
  }
  for (int c = 0; c < columns_; c++) electrons[c * stride] = std::min(electrons[c * stride], kFullWell);
}

}  // namespace ccarchiver
