#include "stored_pixels.h"

#include "checksum.h"

namespace ccarchiver {

void decode_bytes(const uint8_t* data, size_t pixels, int32_t zero, int32_t* out) {
  for (size_t i = 0; i < pixels; i++) out[i] = data[i] + zero;
}

void decode_shorts(const uint8_t* data, size_t pixels, int32_t zero, int32_t* out) {
  for (size_t i = 0; i < pixels; i++) out[i] = static_cast<int16_t>(data[2 * i] << 8 | data[2 * i + 1]) + zero;
}

uint32_t pixel_sum(const int32_t* pixels, size_t count, uint32_t seed) {
  uint64_t sum = seed;  // 2^32 words of 32 bits do not overflow it
  for (size_t i = 0; i < count; i++) sum += static_cast<uint32_t>(pixels[i]);
  return fold_sum(sum);
}

}  // namespace ccarchiver
