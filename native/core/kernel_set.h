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
  TileDamage (*decode_tiles)(const TileRun&) noexcept;
  // The sum of big-endian words, given as pairs, that leaves the same remainder modulo 2^32 - 1; below 2^63.
  uint64_t (*sum_words)(const uint8_t*, size_t pairs) noexcept;
  // The state is the complement of the CRC so far.
  uint32_t (*crc32)(uint32_t state, const uint8_t*, size_t bytes) noexcept;
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
TileDamage decode_tiles(const TileRun&) noexcept;
uint64_t sum_words(const uint8_t*, size_t pairs) noexcept;
// By table, and with PCLMULQDQ.
uint32_t crc32_by_table(uint32_t state, const uint8_t*, size_t bytes) noexcept;
uint32_t crc32_by_folding(uint32_t state, const uint8_t*, size_t bytes) noexcept;
}  // namespace scalar

// Need AVX2, FMA, BMI2 and LZCNT.
namespace avx2 {
void unpack_row(const SourceLayout&, int ccd, const uint8_t* packed, int32_t* stripes) noexcept;
void correct_row(const SourceLayout&, int ccd, const Crosstalk&, const int32_t* stripes, int32_t* corrected) noexcept;
void rice_encode_row(const int32_t* stripes, int columns, int segments, uint8_t* const out[],
                     uint32_t length[]) noexcept;
void encode_tiles(const PackedCcdRow&, TileRow* raw, TileRow* corrected) noexcept;
TileDamage decode_tiles(const TileRun&) noexcept;
uint64_t sum_words(const uint8_t*, size_t pairs) noexcept;
// Needs VPCLMULQDQ too.
uint32_t crc32(uint32_t state, const uint8_t*, size_t bytes) noexcept;
}  // namespace avx2

// Need the above and AVX-512 F, BW, CD, DQ, VL, VBMI and VBMI2.
namespace avx512 {
void unpack_row(const SourceLayout&, int ccd, const uint8_t* packed, int32_t* stripes) noexcept;
void correct_row(const SourceLayout&, int ccd, const Crosstalk&, const int32_t* stripes, int32_t* corrected) noexcept;
void rice_encode_row(const int32_t* stripes, int columns, int segments, uint8_t* const out[],
                     uint32_t length[]) noexcept;
void encode_tiles(const PackedCcdRow&, TileRow* raw, TileRow* corrected) noexcept;
TileDamage decode_tiles(const TileRun&) noexcept;
uint64_t sum_words(const uint8_t*, size_t pairs) noexcept;
// Needs VPCLMULQDQ too.
uint32_t crc32(uint32_t state, const uint8_t*, size_t bytes) noexcept;
}  // namespace avx512

}  // namespace ccarchiver
