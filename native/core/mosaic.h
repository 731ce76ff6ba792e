// Pictures of decoded pixels: segments are trimmed and placed into a CCD, CCDs are binned into a canvas, the canvas is stretched to 8 bits.
// Images are float32 rows of `width` values, row 0 at the bottom; NaN says that nothing is known of a pixel.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ccarchiver {

// Where the imaging pixels of one segment stand in its readout, and where they go in the CCD (obs_lsst orientation).
struct SegmentPlace {
  int columns = 0;       // of a readout row
  int first_column = 0;  // first imaging column; imaging rows begin at row 0
  int width = 0;         // imaging columns and rows
  int height = 0;
  int overscan_first = 0;  // half-open columns whose median is subtracted row by row; an empty range subtracts nothing
  int overscan_end = 0;
  bool flip_x = false;
  bool flip_y = false;
  int x = 0;  // lower left corner in the CCD
  int y = 0;
};

// The caller has checked that the place lies within both images.
void place_segment(const int32_t* pixels, const SegmentPlace& place, float* ccd, int ccd_width);

// One image on a canvas, each canvas pixel the mean of what is known in bin x bin pixels; a block cut by the image's edge counts what it has.
struct BinPlace {
  int width = 0;  // of the image
  int height = 0;
  int bin = 1;
  int canvas_width = 0;
  int x = 0;  // lower left corner on the canvas
  int y = 0;
};

constexpr int binned(int pixels, int bin) { return (pixels + bin - 1) / bin; }

void bin_image(const float* image, const BinPlace& place, float* canvas);

struct Range {
  float low;
  float high;
};

// The zscale display range of IRAF (NOAO, task images.tv.display): a line through sorted sample pixels gives the range around their median, so that
// few bright stars do not darken the sky. Contrast 0.25, rejection at 2.5 sigma in at most 5 rounds. Samples are every n-th known pixel: the
// same image gives the same range. A range without width gives way to that of all samples. {0, 1} for an image in which nothing is known.
Range zscale(const float* image, size_t pixels);

// low and below to 0, high and above to 255, unknown to 0. The result's row 0 is the top, as picture formats want it.
void stretch(const float* image, int width, int height, Range range, uint8_t* out);

// A box of an image, 0-based and half-open.
struct Box {
  int first_column, end_column;
  int first_row, end_row;
};

struct BoxStatistics {
  double mean;
  double rms;  // population standard deviation
  double median;
};

// The box holds at least one pixel and lies within the rows of `columns` pixels.
BoxStatistics box_statistics(const int32_t* pixels, int columns, const Box& box);

}  // namespace ccarchiver
