// The forms of the row kernels, one set per instruction set. Callers use kernels.h; only dispatch.cpp and the tests
// look in here.
#pragma once
#include "kernels.h"

namespace ccarchiver {

struct KernelSet {
  Cpu cpu;
  void (*unpack_row)(const SourceLayout&, int ccd, const uint8_t* packed, int32_t* stripes) noexcept;
  void (*correct_row)(const SourceLayout&, int ccd, const Crosstalk&, const int32_t* stripes,
                      int32_t* corrected) noexcept;
  void (*rice_encode_row)(const int32_t* stripes, int columns, int segments, uint8_t* const out[],
                          uint32_t length[]) noexcept;
  void (*encode_tiles)(const PackedCcdRow&, TileRow* raw, TileRow* corrected) noexcept;
};

namespace scalar {
void unpack_row(const SourceLayout&, int ccd, const uint8_t* packed, int32_t* stripes) noexcept;
// Without and with the processor's fused multiply-add: the C library's fmaf gives the same bits, slowly.
void correct_row(const SourceLayout&, int ccd, const Crosstalk&, const int32_t* stripes, int32_t* corrected) noexcept;
void correct_row_fma(const SourceLayout&, int ccd, const Crosstalk&, const int32_t* stripes,
                     int32_t* corrected) noexcept;
void rice_encode_row(const int32_t* stripes, int columns, int segments, uint8_t* const out[],
                     uint32_t length[]) noexcept;
void encode_tiles(const PackedCcdRow&, TileRow* raw, TileRow* corrected) noexcept;
void encode_tiles_fma(const PackedCcdRow&, TileRow* raw, TileRow* corrected) noexcept;
}  // namespace scalar

// Need AVX2, FMA, BMI2 and LZCNT.
namespace avx2 {
void unpack_row(const SourceLayout&, int ccd, const uint8_t* packed, int32_t* stripes) noexcept;
void correct_row(const SourceLayout&, int ccd, const Crosstalk&, const int32_t* stripes, int32_t* corrected) noexcept;
void rice_encode_row(const int32_t* stripes, int columns, int segments, uint8_t* const out[],
                     uint32_t length[]) noexcept;
void encode_tiles(const PackedCcdRow&, TileRow* raw, TileRow* corrected) noexcept;
}  // namespace avx2

// Need the above and AVX-512 F, BW, CD, DQ, VL and VBMI.
namespace avx512 {
void unpack_row(const SourceLayout&, int ccd, const uint8_t* packed, int32_t* stripes) noexcept;
void correct_row(const SourceLayout&, int ccd, const Crosstalk&, const int32_t* stripes, int32_t* corrected) noexcept;
void rice_encode_row(const int32_t* stripes, int columns, int segments, uint8_t* const out[],
                     uint32_t length[]) noexcept;
void encode_tiles(const PackedCcdRow&, TileRow* raw, TileRow* corrected) noexcept;
}  // namespace avx512

}  // namespace ccarchiver
