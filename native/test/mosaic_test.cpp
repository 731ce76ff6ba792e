// Segments stand where obs_lsst puts them, free of their overscan, and bins are means of what is known.
#include "../core/mosaic.h"

#include <cmath>

#include "support/run.h"

using namespace ccarchiver;

namespace {

// 2 prescan columns, 3 x 2 imaging pixels, 3 overscan columns; one row of parallel overscan below.
const std::vector<int32_t> kReadout = {
    900, 900, 111, 112, 113, 100, 104, 101,  //
    900, 900, 221, 222, 223, 200, 201, 999,  //
    900, 900, 900, 900, 900, 900, 900, 900,
};

SegmentPlace place_at(int x, int y) {
  SegmentPlace place;
  place.columns = 8;
  place.first_column = 2;
  place.width = 3;
  place.height = 2;
  place.x = x;
  place.y = y;
  return place;
}

std::vector<float> placed(const SegmentPlace& place) {
  std::vector<float> ccd(4 * 3, -1.0f);
  place_segment(kReadout.data(), place, ccd.data(), 4);
  return ccd;
}

}  // namespace

TEST_CASE("a segment is trimmed and stands at its place, nothing else is touched") {
  CHECK(placed(place_at(1, 1)) == std::vector<float>{-1, -1, -1, -1, -1, 111, 112, 113, -1, 221, 222, 223});
}

TEST_CASE("flips mirror a segment within its own box") {
  SegmentPlace place = place_at(0, 0);
  place.flip_x = true;
  CHECK(placed(place) == std::vector<float>{113, 112, 111, -1, 223, 222, 221, -1, -1, -1, -1, -1});
  place.flip_y = true;
  CHECK(placed(place) == std::vector<float>{223, 222, 221, -1, 113, 112, 111, -1, -1, -1, -1, -1});
  place.flip_x = false;
  CHECK(placed(place) == std::vector<float>{221, 222, 223, -1, 111, 112, 113, -1, -1, -1, -1, -1});
}

TEST_CASE("each row loses the median of its own overscan, whatever one of its pixels says") {
  SegmentPlace place = place_at(0, 0);
  place.overscan_first = 5;
  place.overscan_end = 8;
  CHECK(placed(place) == std::vector<float>{10, 11, 12, -1, 20, 21, 22, -1, -1, -1, -1, -1});
  place.overscan_end = 7;  // an even number of pixels: the mean of the middle two
  CHECK(placed(place) == std::vector<float>{9, 10, 11, -1, 20.5, 21.5, 22.5, -1, -1, -1, -1, -1});
}

TEST_CASE("a bin is the mean of its known pixels, also where the image's edge cuts it") {
  const std::vector<float> image = {1, 2, 3, 4, 5,  //
                                    3, 4, NAN, 8, 7,  //
                                    9, 9, NAN, NAN, 6};
  std::vector<float> canvas(4 * 3, -1.0f);
  bin_image(image.data(), {.width = 5, .height = 3, .bin = 2, .canvas_width = 4, .x = 1, .y = 1}, canvas.data());
  CHECK(canvas[4] == -1);
  CHECK(canvas[5] == 2.5f);
  CHECK(canvas[6] == 5.0f);
  CHECK(canvas[7] == 6.0f);
  CHECK(canvas[9] == 9.0f);
  CHECK(std::isnan(canvas[10]));
  CHECK(canvas[11] == 6.0f);
  for (int i = 0; i < 4; i++) CHECK(canvas[i] == -1);
}

TEST_CASE("a picture is drawn from the top, unknown pixels are dark") {
  const std::vector<float> image = {10, 20, 30, NAN, 5, 99};
  std::vector<uint8_t> out(6, 7);
  stretch(image.data(), 3, 2, {10, 30}, out.data());
  CHECK(out == std::vector<uint8_t>{0, 0, 255, 0, 128, 255});
}

TEST_CASE("a range of no width draws an image of one shade instead of dividing by zero") {
  const std::vector<float> image = {10, 20};
  std::vector<uint8_t> out(2, 7);
  stretch(image.data(), 2, 1, {10, 10}, out.data());
  CHECK(out == std::vector<uint8_t>{0, 0});
}

TEST_CASE("a box has its own mean, rms and median") {
  const BoxStatistics odd = box_statistics(kReadout.data(), 8, {5, 8, 0, 1});
  CHECK(odd.mean == doctest::Approx(101.6666667));
  CHECK(odd.rms == doctest::Approx(1.6996732));
  CHECK(odd.median == 101);
  CHECK(box_statistics(kReadout.data(), 8, {2, 4, 0, 2}).median == 166.5);
}
