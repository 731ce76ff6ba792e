// Synthetic exposures are what they say they are: reproducible, and physically sensible.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "../core/checksum.h"
#include "../core/synth.h"
#include "../core/synth_random.h"
#include "../core/synth_sky.h"
#include "support/guarded.h"
#include "support/layouts.h"
#include "support/run.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

constexpr int kColumns = 120;
constexpr int kRows = 200;
constexpr int kImageRows = 160;
constexpr int kFirst = 3;
constexpr int kEnd = 100;

SourceLayout small_layout() {
  SourceLayout layout = science_layout(kColumns);
  layout.rows = kRows;
  return layout;
}

SynthScene scene(uint64_t seed) {
  SynthScene made;
  made.seed = seed;
  made.first_column = kFirst;
  made.end_column = kEnd;
  made.end_row = kImageRows;
  made.sky = 1400;
  made.stars = 10;
  for (SynthCcd& ccd : made.ccd) {
    for (int f = 0; f < kChannels; f++) ccd.amplifier[f] = {24000.0f + 150 * static_cast<float>(f), 1.3f, 8.0f};
  }
  return made;
}

std::vector<uint8_t> packed(const SourceLayout& layout, const SynthScene& scene, int step) {
  std::vector<uint8_t> words(layout.row_bytes() * kRows);
  for (int row = 0; row < kRows; row += step) {
    synthesize_rows(layout, scene, row, std::min(step, kRows - row), &words[static_cast<size_t>(row) * layout.row_bytes()]);
  }
  return words;
}

uint32_t sum_of(const std::vector<uint8_t>& words) { return crc32(words.data(), words.size()); }

// Pixels of one CCD: [row][column * 16 + segment].
std::vector<std::vector<int32_t>> pixels(const SourceLayout& layout, const SynthScene& scene, int ccd) {
  std::vector<uint8_t> words = packed(layout, scene, kRows);
  words.resize(words.size() + 64);
  std::vector<std::vector<int32_t>> rows(kRows, std::vector<int32_t>(static_cast<size_t>(kColumns) * kChannels));
  for (size_t row = 0; row < kRows; row++) unpack_row(layout, ccd, &words[row * layout.row_bytes()], rows[row].data());
  return rows;
}

struct Moments {
  double mean = 0;
  double deviation = 0;
};

// Of one segment's pixels in a box, less `level`.
Moments moments(const std::vector<std::vector<int32_t>>& rows, int segment, int column, int end_column, int row, int end_row) {
  double sum = 0, squares = 0, count = 0;
  for (int r = row; r < end_row; r++) {
    for (int c = column; c < end_column; c++) {
      const double value = rows[static_cast<size_t>(r)][static_cast<size_t>(c * kChannels + segment)];
      sum += value;
      squares += value * value;
      count++;
    }
  }
  const double mean = sum / count;
  return {mean, std::sqrt(squares / count - mean * mean)};
}

}  // namespace

TEST_CASE("the same scene gives the same words, however its rows are split") {
  const SourceLayout layout = small_layout();
  const uint32_t whole = sum_of(packed(layout, scene(1), kRows));
  CHECK(sum_of(packed(layout, scene(1), 1)) == whole);
  CHECK(sum_of(packed(layout, scene(1), 7)) == whole);
  CHECK(sum_of(packed(layout, scene(2), kRows)) != whole);
}

TEST_CASE("the words are those of every other machine") {
  CHECK(sum_of(packed(small_layout(), scene(1), kRows)) == 1602779621u);
}

TEST_CASE("nothing is written outside of the rows") {
  const SourceLayout layout = small_layout();
  Guarded<uint8_t> words(layout.row_bytes() * 3);
  synthesize_rows(layout, scene(1), 5, 3, words.data());
  CHECK(std::memcmp(words.data(), &packed(layout, scene(1), kRows)[5 * layout.row_bytes()], layout.row_bytes() * 3) == 0);
}

TEST_CASE("prescan and overscan hold bias and read noise alone") {
  const SynthScene made = scene(3);
  const auto rows = pixels(small_layout(), made, 1);
  for (int f = 0; f < kChannels; f++) {
    const SynthAmplifier& amplifier = made.ccd[1].amplifier[f];
    const double noise = amplifier.read_noise / amplifier.gain;
    for (const Moments& box : {moments(rows, f, kEnd, kColumns, 100, kRows), moments(rows, f, 0, kColumns, kImageRows, kRows)}) {
      CHECK(std::abs(box.mean - amplifier.bias) < 5);
      CHECK(box.deviation > 0.9 * noise);
      CHECK(box.deviation < 1.2 * noise);
    }
    CHECK(std::abs(moments(rows, f, 0, kFirst, 100, kRows).mean - amplifier.bias) < 5);
  }
}

TEST_CASE("the sky is there, and its noise is that of its electrons") {
  SynthScene made = scene(4);
  made.stars = 0;
  const auto rows = pixels(small_layout(), made, 0);
  double worst_mean = 0, ratio = 0;
  for (int f = 0; f < kChannels; f++) {
    const SynthAmplifier& amplifier = made.ccd[0].amplifier[f];
    // A box without bad columns is found by the median of narrow ones.
    std::vector<Moments> boxes;
    for (int c = kFirst; c + 8 < kEnd; c += 8) boxes.push_back(moments(rows, f, c, c + 8, 0, kImageRows));
    std::nth_element(boxes.begin(), boxes.begin() + 5, boxes.end(), [](auto& a, auto& b) { return a.deviation < b.deviation; });
    const double signal = made.sky / amplifier.gain;
    const double noise = std::sqrt(made.sky + amplifier.read_noise * amplifier.read_noise) / amplifier.gain;
    worst_mean = std::max(worst_mean, std::abs(boxes[5].mean - amplifier.bias - signal) / signal);
    ratio += boxes[5].deviation / noise / kChannels;
  }
  CHECK(worst_mean < 0.03);
  CHECK(ratio > 0.97);
  CHECK(ratio < 1.05);
}

TEST_CASE("crosstalk appears with its coefficients, and nowhere without signal") {
  SynthScene quiet = scene(5);
  quiet.sky = 0;
  quiet.stars = 400;
  SynthScene loud = quiet;
  loud.ccd[2].has_crosstalk = true;
  constexpr float kLinear = 2e-3f, kQuadratic = -3e-9f;
  loud.ccd[2].crosstalk.linear[4][9] = kLinear;
  loud.ccd[2].crosstalk.quadratic[4][9] = kQuadratic;
  const auto before = pixels(small_layout(), quiet, 2);
  const auto after = pixels(small_layout(), loud, 2);
  int bright = 0;
  for (size_t row = 0; row < kRows; row++) {
    for (size_t column = 0; column < kColumns; column++) {
      for (size_t f = 0; f < kChannels; f++) {
        const size_t at = column * kChannels + f;
        const double signal = before[row][column * kChannels + 4] - 24000.0 - 150 * 4;
        const double expected = f == 9 ? kLinear * signal + kQuadratic * signal * signal : 0;
        if (signal > 5000 && f == 9) bright++;
        REQUIRE(std::abs(after[row][at] - before[row][at] - expected) <= 1.1);
      }
    }
  }
  CHECK(bright > 20);
}

TEST_CASE("a star beyond the full well bleeds along its columns and no further") {
  SynthScene made = scene(0);
  made.end_column = kFirst + 97;
  int saturated = 0;
  for (uint64_t seed = 0; seed < 300 && saturated < 5; seed++) {
    made.seed = seed;
    const SegmentSky sky(made, 0, 0, 0, kImageRows);
    std::vector<std::vector<float>> plane(kImageRows, std::vector<float>(97));
    for (int row = 0; row < kImageRows; row++) sky.add_row(row, plane[static_cast<size_t>(row)].data(), 1);
    for (size_t column = 0; column < 97; column++) {
      int full = 0;
      for (const auto& row : plane) {
        REQUIRE(row[column] <= kFullWell);
        REQUIRE(row[column] >= 0);
        full += row[column] == kFullWell;
      }
      saturated += full > 8;
    }
  }
  CHECK(saturated >= 5);
}

TEST_CASE("the noise is normal") {
  const NormalTable& normal = NormalTable::shared();
  Random random(7);
  double sum = 0, squares = 0, fourth = 0;
  int beyond_two = 0, beyond_four = 0;
  constexpr int kCount = 1000000;
  for (int i = 0; i < kCount; i++) {
    const double value = normal(random.next());
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
    beyond_two += std::abs(value) > 2;
    beyond_four += std::abs(value) > 4;
  }
  CHECK(std::abs(sum / kCount) < 0.005);
  CHECK(std::abs(squares / kCount - 1) < 0.005);
  CHECK(std::abs(fourth / kCount - 3) < 0.05);
  CHECK(std::abs(beyond_two / static_cast<double>(kCount) - 0.0455) < 0.001);
  CHECK(beyond_four > 20);
  CHECK(beyond_four < 120);
}
