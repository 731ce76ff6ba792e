// Pixels as FITS stores them, beside the camera's own 32-bit form.
#pragma once
#include <cstddef>
#include <cstdint>

namespace ccarchiver {

// BITPIX 8 (unsigned) and 16 (signed, big-endian) to host order, with BZERO added (32768 makes 16 bits unsigned: FITS standard 4.0, 5.2.5).
void decode_bytes(const uint8_t* data, size_t pixels, int32_t zero, int32_t* out);
void decode_shorts(const uint8_t* data, size_t pixels, int32_t zero, int32_t* out);

// DATASUM of an image of these 32-bit pixels, continuing `seed` (FITS standard 4.0, appendix J).
uint32_t pixel_sum(const int32_t* pixels, size_t count, uint32_t seed);

}  // namespace ccarchiver
