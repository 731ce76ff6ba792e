#include "mosaic.h"

#include <algorithm>
#include <cmath>

namespace ccarchiver {

namespace {

// Median of the row's overscan; `scratch` is only there to be used again from row to row.
float bias_level(const int32_t* row, const SegmentPlace& place, std::vector<int32_t>& scratch) {
  if (place.overscan_first == place.overscan_end) return 0.0f;
  scratch.assign(row + place.overscan_first, row + place.overscan_end);
  const auto middle = scratch.begin() + static_cast<std::ptrdiff_t>(scratch.size() / 2);
  std::nth_element(scratch.begin(), middle, scratch.end());
  if (scratch.size() % 2 == 1) return static_cast<float>(*middle);
  const int64_t below = *std::max_element(scratch.begin(), middle);
  return static_cast<float>(static_cast<double>(below + *middle) / 2);
}

}  // namespace

void place_segment(const int32_t* pixels, const SegmentPlace& place, float* ccd, int ccd_width) {
  std::vector<int32_t> scratch;
  for (int r = 0; r < place.height; r++) {
    const int32_t* row = pixels + static_cast<size_t>(r) * place.columns;
    const float level = bias_level(row, place, scratch);
    const int y = place.y + (place.flip_y ? place.height - 1 - r : r);
    float* out = ccd + static_cast<size_t>(y) * ccd_width + place.x;
    const int32_t* in = row + place.first_column;
    if (place.flip_x) {
      for (int c = 0; c < place.width; c++) out[place.width - 1 - c] = static_cast<float>(in[c]) - level;
    } else {
      for (int c = 0; c < place.width; c++) out[c] = static_cast<float>(in[c]) - level;
    }
  }
}

void bin_image(const float* image, const BinPlace& place, float* canvas) {
  const int width = binned(place.width, place.bin);
  std::vector<double> sum(width);
  std::vector<int> known(width);
  for (int by = 0; by < binned(place.height, place.bin); by++) {
    std::fill(sum.begin(), sum.end(), 0.0);
    std::fill(known.begin(), known.end(), 0);
    const int end = std::min(place.height, (by + 1) * place.bin);
    for (int y = by * place.bin; y < end; y++) {
      const float* row = image + static_cast<size_t>(y) * place.width;
      for (int bx = 0, x = 0; bx < width; bx++) {
        for (const int stop = std::min(place.width, x + place.bin); x < stop; x++) {
          if (std::isnan(row[x])) continue;
          sum[bx] += row[x];
          known[bx]++;
        }
      }
    }
    float* out = canvas + static_cast<size_t>(place.y + by) * place.canvas_width + place.x;
    for (int bx = 0; bx < width; bx++) out[bx] = known[bx] == 0 ? NAN : static_cast<float>(sum[bx] / known[bx]);
  }
}

void stretch(const float* image, int width, int height, Range range, uint8_t* out) {
  const float scale = range.high > range.low ? 255.0f / (range.high - range.low) : 0.0f;
  for (int y = 0; y < height; y++) {
    const float* row = image + static_cast<size_t>(height - 1 - y) * width;
    for (int x = 0; x < width; x++, out++) {
      const float grey = (row[x] - range.low) * scale;
      // NaN fails the comparison and becomes 0.
      *out = grey > 0.0f ? static_cast<uint8_t>(std::min(grey + 0.5f, 255.0f)) : 0;
    }
  }
}

BoxStatistics box_statistics(const int32_t* pixels, int columns, const Box& box) {
  std::vector<int32_t> values;
  values.reserve(static_cast<size_t>(box.end_column - box.first_column) * (box.end_row - box.first_row));
  double sum = 0;
  for (int y = box.first_row; y < box.end_row; y++) {
    const int32_t* row = pixels + static_cast<size_t>(y) * columns;
    for (int x = box.first_column; x < box.end_column; x++) sum += row[x];
    values.insert(values.end(), row + box.first_column, row + box.end_column);
  }
  const double n = static_cast<double>(values.size());
  const double mean = sum / n;
  double squares = 0;
  for (const int32_t value : values) squares += (value - mean) * (value - mean);
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  double median = *middle;
  if (values.size() % 2 == 0) median = (median + *std::max_element(values.begin(), middle)) / 2;
  return {mean, std::sqrt(squares / n), median};
}

}  // namespace ccarchiver
