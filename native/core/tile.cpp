#include "kernel_set.h"

namespace ccarchiver {

namespace {

void encode_product(const PackedCcdRow& from, const int32_t* stripes, TileRow& row) noexcept {
  const int columns = from.layout.columns, segments = from.layout.ccd[from.ccd].segments;
  add_pixel_sums(stripes, columns, segments, row.pixel_sum);
  scalar::rice_encode_row(stripes, columns, segments, row.out, row.length);
}

using Correct = void(const SourceLayout&, int ccd, const Crosstalk&, const int32_t*, int32_t*) noexcept;

void encode_with(Correct* correct, const PackedCcdRow& from, TileRow* raw, TileRow* corrected) noexcept {
  scalar::unpack_row(from.layout, from.ccd, from.packed, from.stripes);
  if (raw != nullptr) encode_product(from, from.stripes, *raw);
  if (corrected == nullptr) return;
  correct(from.layout, from.ccd, *from.crosstalk, from.stripes, from.corrected);
  encode_product(from, from.corrected, *corrected);
}

}  // namespace

void scalar::encode_tiles(const PackedCcdRow& from, TileRow* raw, TileRow* corrected) noexcept {
  encode_with(scalar::correct_row, from, raw, corrected);
}

void scalar::encode_tiles_fma(const PackedCcdRow& from, TileRow* raw, TileRow* corrected) noexcept {
  encode_with(scalar::correct_row_fma, from, raw, corrected);
}

}  // namespace ccarchiver
