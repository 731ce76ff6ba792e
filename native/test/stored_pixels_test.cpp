// 8- and 16-bit pixels become the values that they stand for, and an image has the DATASUM of its pixels.
#include "../core/stored_pixels.h"

#include "../core/checksum.h"
#include "support/run.h"

using namespace ccarchiver;

TEST_CASE("bytes are unsigned, shorts are signed and big-endian, BZERO is added") {
  const uint8_t data[] = {0x00, 0xff, 0x80, 0x00, 0x7f, 0xff};
  int32_t out[6];
  decode_bytes(data, 6, 0, out);
  CHECK(out[1] == 255);
  decode_bytes(data, 6, -128, out);
  CHECK(out[2] == 0);
  decode_shorts(data, 3, 0, out);
  CHECK(out[0] == 255);
  CHECK(out[1] == -32768);
  decode_shorts(data, 3, 32768, out);
  CHECK(out[1] == 0);
  CHECK(out[2] == 65535);
}

TEST_CASE("the sum of pixels is the sum of their big-endian bytes, also continued") {
  const int32_t pixels[] = {1, -1, 262143, -2147483647, 77};
  uint8_t bytes[20];
  for (int i = 0; i < 5; i++) {
    for (int b = 0; b < 4; b++) bytes[4 * i + b] = static_cast<uint8_t>(static_cast<uint32_t>(pixels[i]) >> (24 - 8 * b));
  }
  CHECK(pixel_sum(pixels, 5, 0) == data_sum(bytes, 20));
  CHECK(pixel_sum(pixels + 2, 3, pixel_sum(pixels, 2, 0)) == data_sum(bytes, 20));
}
