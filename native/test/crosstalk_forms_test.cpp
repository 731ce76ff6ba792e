// Every form of the correction gives the same bytes, and its definition holds: rounding, clipping, pedestal and
// uncorrected sources.
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "../core/kernel_set.h"
#include "support/guarded.h"
#include "support/layouts.h"
#include "support/random.h"
#include "support/run.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

std::vector<int32_t> random_stripes(Random& random, int columns, int segments) {
  std::vector<int32_t> stripes(static_cast<size_t>(columns) * kChannels);
  const bool full_range = random.below(2) == 0;
  for (size_t i = 0; i < stripes.size(); i++) {
    const uint32_t value = full_range ? random.below(kMaxPixel + 1) : 25000 + random.below(300);
    if (static_cast<int>(i % kChannels) < segments) stripes[i] = static_cast<int32_t>(value);
  }
  return stripes;
}

Crosstalk random_crosstalk(Random& random, int segments) {
  const double linear = std::pow(10, -6 * random.uniform());
  const double quadratic = linear * 1e-5 * random.below(2);
  Crosstalk made = {};
  for (int s = 0; s < segments; s++) {
    for (int t = 0; t < segments; t++) {
      made.linear[s][t] = static_cast<float>(linear * random.normal());
      made.quadratic[s][t] = static_cast<float>(quadratic * random.normal());
    }
  }
  return made;
}

std::vector<int32_t> correct(const SourceLayout& layout, const Crosstalk& crosstalk,
                             const std::vector<int32_t>& stripes) {
  Guarded<int32_t> in(stripes.data(), stripes.size());
  Guarded<int32_t> out(stripes.size());
  correct_row(layout, 0, crosstalk, in.data(), out.data());
  return {out.data(), out.data() + stripes.size()};
}

SourceLayout with_pedestal(int columns, int first, int end) {
  SourceLayout layout = science_layout(columns);
  layout.pedestal_first = first;
  layout.pedestal_end = end;
  return layout;
}

}  // namespace

TEST_CASE("every instruction set corrects to the bytes that the portable form gives") {
  Random random(3);
  for (int round = 0; round < (full_run() ? 2000 : 100); round++) {
    const int columns = random.between(1, 600);
    const int first = random.between(0, columns - 1);
    SourceLayout layout = with_pedestal(columns, first, random.between(first + 1, columns));
    layout.ccd[0].segments = random.below(4) == 0 ? 8 : 16;
    const Crosstalk crosstalk = random_crosstalk(random, layout.ccd[0].segments);
    const std::vector<int32_t> stripes = random_stripes(random, columns, layout.ccd[0].segments);
    std::vector<int32_t> expected(stripes.size());
    scalar::correct_row(layout, 0, crosstalk, stripes.data(), expected.data());
    on_each_cpu([&] { REQUIRE(correct(layout, crosstalk, stripes) == expected); });
  }
}

TEST_CASE("half an adu rounds the pixel up") {
  // One source of 1 adu above its pedestal: the subtracted signal is the coefficient itself.
  const SourceLayout layout = with_pedestal(2, 1, 2);
  std::vector<int32_t> stripes(2 * kChannels, 1000);
  stripes[0] = 1001;
  on_each_cpu([&] {
    for (auto [sub, expected] : std::vector<std::pair<float, int32_t>>{{0.5f, 1000},
                                                                       {0.50001f, 999},
                                                                       {-0.5f, 1001},
                                                                       {-0.50001f, 1001},
                                                                       {1.5f, 999},
                                                                       {-1.5f, 1002},
                                                                       {0.49999f, 1000},
                                                                       {-0.49999f, 1000}}) {
      Crosstalk crosstalk = {};
      crosstalk.linear[0][5] = sub;
      CHECK(correct(layout, crosstalk, stripes)[5] == expected);
    }
  });
}

TEST_CASE("a large pixel is not rounded by float32 when nothing is subtracted from it") {
  const SourceLayout layout = with_pedestal(2, 1, 2);
  std::vector<int32_t> stripes(2 * kChannels, 262141);
  on_each_cpu([&] { CHECK(correct(layout, Crosstalk{}, stripes) == stripes); });
}

TEST_CASE("the result is clipped to 18 bits, for any coefficient") {
  const SourceLayout layout = with_pedestal(2, 1, 2);
  std::vector<int32_t> stripes(2 * kChannels, 1000);
  stripes[0] = 2000;
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  on_each_cpu([&] {
    for (float coefficient : {2.0f, 1e6f, 1e30f, 3e38f, kInfinity}) {
      Crosstalk crosstalk = {};
      crosstalk.linear[0][3] = coefficient;
      crosstalk.linear[0][4] = coefficient * -1000;
      const std::vector<int32_t> corrected = correct(layout, crosstalk, stripes);
      CHECK(corrected[3] == 0);
      CHECK(corrected[4] == kMaxPixel);
    }
  });
}

TEST_CASE("the pedestal is the mean of its columns, per amplifier") {
  const SourceLayout layout = with_pedestal(4, 1, 3);
  std::vector<int32_t> stripes(4 * kChannels, 500);
  stripes[1 * kChannels + 2] = 600;
  stripes[2 * kChannels + 2] = 601;    // pedestal of amplifier 2: 600.5
  stripes[3 * kChannels + 2] = 99999;  // outside the range
  stripes[2] = 1600;
  Crosstalk crosstalk = {};
  crosstalk.linear[2][7] = 0.02f;  // 999.5 * 0.02 = 19.99
  on_each_cpu([&] { CHECK(correct(layout, crosstalk, stripes)[7] == 480); });
}

TEST_CASE("sources are the uncorrected pixels") {
  // Amplifier 0 gives to 1 and 1 to 0; had either been corrected first, the other would lose less.
  const SourceLayout layout = with_pedestal(2, 1, 2);
  std::vector<int32_t> stripes(2 * kChannels, 0);
  stripes[0] = stripes[1] = 1000;
  Crosstalk crosstalk = {};
  crosstalk.linear[0][1] = crosstalk.linear[1][0] = 0.5f;
  on_each_cpu([&] {
    const std::vector<int32_t> corrected = correct(layout, crosstalk, stripes);
    CHECK(corrected[0] == 500);
    CHECK(corrected[1] == 500);
  });
}
