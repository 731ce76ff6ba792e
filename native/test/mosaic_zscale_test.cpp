// The display range agrees with astropy's ZScaleInterval(n_samples = 10000), an independent implementation of IRAF's algorithm.
#include <algorithm>
#include <cmath>

#include "../core/mosaic.h"
#include "support/run.h"

using namespace ccarchiver;

namespace {

void check_range(const std::vector<float>& image, double low, double high) {
  const Range range = zscale(image.data(), image.size());
  CHECK(range.low == doctest::Approx(low).epsilon(1e-6));
  CHECK(range.high == doctest::Approx(high).epsilon(1e-6));
}

// Bell-shaped noise (six draws of a linear congruential generator) on a sky of 1000, every 97th pixel a bright star.
std::vector<float> sky(size_t pixels) {
  std::vector<float> image(pixels);
  uint32_t state = 12345;
  for (size_t i = 0; i < pixels; i++) {
    uint32_t noise = 0;
    for (int draw = 0; draw < 6; draw++) {
      state = state * 1664525u + 1013904223u;
      noise += (state >> 16) % 256;
    }
    image[i] = 1000.0f + static_cast<float>(noise) / 16.0f + (i % 97 == 0 ? 20000.0f : 0.0f);
  }
  return image;
}

}  // namespace

TEST_CASE("stars do not stretch the range of a noisy sky") { check_range(sky(60000), 1010.9375, 1118.012763626467); }

TEST_CASE("unknown pixels do not count") {
  std::vector<float> image = sky(60000);
  std::fill(image.begin(), image.begin() + 10000, NAN);
  check_range(image, 1010.3125, 1115.9215055662994);
}

TEST_CASE("an image of fewer pixels than samples uses all of them") {
  const std::vector<float> image = sky(97);
  check_range({image.begin() + 1, image.end()}, 1018.875, 1077.125);
}

TEST_CASE("pixels that follow no line give their whole range") {
  std::vector<float> image(1000, 7.0f);
  for (int i = 0; i < 600; i++) image[i] = static_cast<float>(i) * 1000.0f;
  check_range(image, 0, 599000);
}

TEST_CASE("spots on a background of one value keep their whole range") {
  std::vector<float> image(1000, 7.0f);
  for (int i = 0; i < 20; i++) image[i * 50] = 500.0f;
  check_range(image, 7, 500);
}

TEST_CASE("images of one value, of one pixel and of none have a range") {
  check_range(std::vector<float>(100, 5.0f), 5, 5);
  check_range({3.0f}, 3, 3);
  check_range({NAN, NAN}, 0, 1);
}
