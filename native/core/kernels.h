// The row kernels. A row of one CCD is held as stripes: stripes[column * 16 + f], f = segment in FITS order; lanes beyond the CCD's segments are 0.
// Every function here has a scalar form that defines the result; any SIMD form must give the same bytes. None of them allocates or throws.
#pragma once
#include <cstddef>
#include <cstdint>

#include "geometry.h"
#include "tile_run.h"

namespace ccarchiver {

// Pixels of one row of one CCD from packed words. `packed` is the row's first byte (all groups interleaved), `stripes` holds columns * 16 values.
// At least 64 readable bytes must follow the row's last sample (slack for wide loads).
void unpack_row(const SourceLayout& layout, int ccd, const uint8_t* packed, int32_t* stripes) noexcept;

// The inverse of unpack_row for all CCDs of the source at once: stripes[ccd] -> packed row of layout.row_bytes() bytes. Values are masked to 18 bits.
void pack_row(const SourceLayout& layout, const int32_t* const stripes[], uint8_t* packed) noexcept;

// Crosstalk coefficients in adu, [source][target] in FITS order, padded to 16 lanes with zeros.
struct Crosstalk {
  float linear[kChannels][kChannels];
  float quadratic[kChannels][kChannels];
};

// out = clip(raw - (int)ceil(sub - 0.5f), 0, 262143) with
//   P[f]  = float32(integer sum of the pedestal columns) / float32(their number)
//   S[f]  = float32(raw[f]) - P[f]
//   sub[t]: for each source s in FITS order: sub = fma(c[s][t], S[s], sub); sub = fma(c2[s][t], S[s] * S[s], sub)   (float32)
// Rounding is half up and never forms raw - sub in float32. Sources are always the uncorrected raw, 0 .. 262143. The pedestal range is not empty.
void correct_row(const SourceLayout& layout, int ccd, const Crosstalk& crosstalk, const int32_t* stripes, int32_t* corrected) noexcept;

// Largest RICE_1 tile of one segment row: first pixel 4 bytes, then per block of 32 pixels at most 5 bits + 32 * 32 bits, rounded up, plus store slack.
size_t rice_row_bound(int columns) noexcept;

// RICE_1 (BLOCKSIZE 32, BYTEPIX 4), one tile per segment of the row, byte-identical to cfitsio's fits_rcomp(…, nblock = 32).
// out[f] must hold rice_row_bound(columns) bytes; length[f] receives the tile's bytes, for f < segments.
void rice_encode_row(const int32_t* stripes, int columns, int segments, uint8_t* const out[], uint32_t length[]) noexcept;

// One row of one CCD in the packed words of its source.
struct PackedCcdRow {
  const SourceLayout& layout;
  int ccd;
  const Crosstalk* crosstalk;  // nullptr: no corrected product
  const uint8_t* packed;       // as for unpack_row
  int32_t* stripes;            // working memory of the scalar form: columns * kChannels values each
  int32_t* corrected;
};

// The tiles of one product of that row, by segment.
struct TileRow {
  uint8_t* out[kChannels];        // all of them valid, also beyond the CCD's segments, with room for rice_row_bound(columns)
  uint32_t length[kChannels];     // set
  uint64_t pixel_sum[kChannels];  // added to, as add_pixel_sums does
};

// unpack_row, correct_row, add_pixel_sums and rice_encode_row in one pass over the words; a product that is nullptr is not made.
void encode_tiles(const PackedCcdRow& from, TileRow* raw, TileRow* corrected) noexcept;

// Decodes one RICE_1 tile of `columns` 32-bit pixels. Never reads past tile + bytes nor writes past out + columns, whatever the bytes.
// Returns nullptr, or a static sentence that says what is damaged.
const char* rice_decode(const uint8_t* tile, size_t bytes, int columns, int block_size, int32_t* out) noexcept;

// Decodes the run's tiles in order, as rice_decode does, and never touches memory beside the run's heap and pixels. At the first tile that is damaged or
// lies outside of the heap it gives up: the rows before are decoded, what the rows from there on hold is not defined.
TileDamage decode_tiles(const TileRun& run) noexcept;

// Adds each segment's pixels of the row, as the 32-bit words of the uncompressed image, to sums[f] (64 bit, folded by the caller: FITS DATASUM).
void add_pixel_sums(const int32_t* stripes, int columns, int segments, uint64_t sums[]) noexcept;

// Which instruction set the kernels run with: chosen once from cpuid; force_cpu is for tests and benchmarks, before first use or between images.
enum class Cpu { kScalar = 0, kAvx2 = 1, kAvx512 = 2 };
Cpu active_cpu() noexcept;
bool force_cpu(Cpu cpu) noexcept;  // false when this machine cannot run it

}  // namespace ccarchiver
