// What falls on one segment: stars, with the charge that bleeds from the brightest, and columns that are defective.
#pragma once
#include <cstdint>
#include <vector>

#include "synth.h"

namespace ccarchiver {

// Charge that a pixel holds; more flows to its neighbours along the column. e-.
inline constexpr float kFullWell = 150000;

class SegmentSky {
 public:
  // Only what touches rows [first_row, end_row) is kept.
  SegmentSky(const SynthScene& scene, int ccd, int segment, int first_row, int end_row);

  // Adds the electrons of one row; `row_electrons` is the imaging pixels' plane, `stride` floats from column to column.
  void add_row(int row, float* row_electrons, int stride) const;

 private:
  struct Star {
    float x, y;  // centre, in imaging pixels
    float peak;  // e-
    int radius;  // pixels beyond it get nothing
  };
  // Rows [first, end] of a column are full.
  struct Bleed {
    int column, first, end;
  };
  // A column that is wrong from a row on: electrons are scaled, then added to.
  struct BadColumn {
    int column, first;
    float scale, add;
  };

  void add_star(const Star& star, float sky, int first_row, int end_row);
  void add_bleeds(const Star& star, float sky);
  float light(const Star& star, int column, int row) const;

  int columns_, rows_;
  float sky_, slope_x_, slope_y_;
  std::vector<Star> stars_;
  std::vector<Bleed> bleeds_;
  std::vector<BadColumn> bad_columns_;
};

}  // namespace ccarchiver
