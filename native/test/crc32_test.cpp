// CRC-32 is that of IEEE 802.3, over any cut of the data, and sums of pieces combine to the sum of the whole.
#include <algorithm>
#include <string>
#include <vector>

#include "../core/checksum.h"
#include "../core/kernel_set.h"
#include "support/guarded.h"
#include "support/random.h"
#include "support/run.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

uint32_t crc_by_bits(const uint8_t* bytes, size_t count) {
  uint32_t state = 0xffffffff;
  for (size_t i = 0; i < count; i++) {
    state ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) state = (state >> 1) ^ (state & 1 ? 0xedb88320u : 0);
  }
  return ~state;
}

}  // namespace

TEST_CASE("known sums") {
  const auto crc_of = [](const std::string& text) { return crc32(text.data(), text.size()); };
  CHECK(crc_of("") == 0);
  CHECK(crc_of("a") == 0xe8b7be43);
  CHECK(crc_of("123456789") == 0xcbf43926);
  CHECK(crc_of("The quick brown fox jumps over the lazy dog") == 0x414fa339);
  CHECK(crc_of(std::string(32, '\0')) == 0x190a55ad);
}

TEST_CASE("every length up to 1500 bytes is right, whatever the alignment") {
  Random random(19);
  for (size_t count = 0; count < 1500; count++) {
    const std::vector<uint8_t> bytes = random.bytes(count);
    Guarded<uint8_t> guarded(bytes.data(), count);
    const uint32_t expected = crc_by_bits(bytes.data(), count);
    on_each_cpu([&] { REQUIRE(crc32(guarded.data(), count) == expected); });
    REQUIRE(~scalar::crc32_by_table(~0u, guarded.data(), count) == expected);
  }
}

TEST_CASE("a sum continued over pieces of any length is the sum of the whole") {
  Random random(20);
  const std::vector<uint8_t> bytes = random.bytes(5000);
  const uint32_t whole = crc_by_bits(bytes.data(), bytes.size());
  on_each_cpu([&] {
    for (size_t piece : {1, 7, 63, 64, 65, 127, 128, 255, 256, 257, 1000, 4999}) {
      uint32_t sum = 0;
      for (size_t at = 0; at < bytes.size(); at += piece)
        sum = crc32(&bytes[at], std::min(piece, bytes.size() - at), sum);
      CHECK(sum == whole);
    }
  });
}

TEST_CASE("sums of two parts combine to the sum of the whole") {
  Random random(21);
  const std::vector<uint8_t> bytes = random.bytes(3000);
  const uint32_t whole = crc32(bytes.data(), bytes.size());
  for (size_t cut = 0; cut <= bytes.size(); cut++) {
    REQUIRE(crc32_combine(crc32(bytes.data(), cut), crc32(&bytes[0] + cut, bytes.size() - cut), bytes.size() - cut) ==
            whole);
  }
}

TEST_CASE("sums combine over lengths of more than 4 GB as they do in two steps") {
  constexpr uint64_t kHalf = uint64_t{3071} << 20;
  const std::vector<uint8_t> zeros(3071, 0);
  uint32_t half = crc32(zeros.data(), zeros.size());
  for (uint64_t bytes = zeros.size(); bytes < kHalf; bytes *= 2) half = crc32_combine(half, half, bytes);
  const uint32_t whole = crc32_combine(half, half, kHalf);
  CHECK(crc32_combine(0x12345678, whole, 2 * kHalf) ==
        crc32_combine(crc32_combine(0x12345678, half, kHalf), half, kHalf));
}
