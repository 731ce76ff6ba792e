// DATASUM and CHECKSUM as the FITS standard defines them, and as cfitsio computes them where it is installed.
#include "../core/checksum.h"

#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "support/guarded.h"
#include "support/random.h"
#include "support/run.h"

#if __has_include(<fitsio.h>)
#include <fitsio.h>
#define HAVE_CFITSIO 1
#endif

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

std::string encoded(uint32_t sum, bool complement) {
  char characters[16];
  encode_checksum(sum, complement, characters);
  return {characters, sizeof characters};
}

// Word by word with the carry brought round, as the standard words it.
uint32_t sum_by_words(const std::vector<uint8_t>& bytes, uint32_t seed) {
  uint32_t sum = seed;
  for (size_t i = 0; i < bytes.size(); i += 4) {
    const uint32_t word = static_cast<uint32_t>(bytes[i]) << 24 | bytes[i + 1] << 16 | bytes[i + 2] << 8 | bytes[i + 3];
    sum += word;
    sum += sum < word;
  }
  return sum;
}

}  // namespace

TEST_CASE("the example of the checksum convention encodes as published") {
  CHECK(encoded(868229149, true) == "hcHjjc9ghcEghc9g");
}

TEST_CASE("an HDU that holds its own complemented checksum sums to all ones") {
  Random random(14);
  for (int round = 0; round < 1000; round++) {
    std::vector<uint8_t> header = random.bytes(2880);
    // The value field of a card is 11 characters after a multiple of 4, which the encoding's rotation makes up for.
    const size_t at = 80 * random.below(36) + 11;
    std::memcpy(&header[at], encoded(0, false).data(), 16);
    std::memcpy(&header[at], encoded(data_sum(header.data(), header.size()), true).data(), 16);
    REQUIRE(data_sum(header.data(), header.size()) == 0xffffffffu);
  }
}

TEST_CASE("an encoded sum holds digits and letters only") {
  Random random(15);
  for (int round = 0; round < 100000; round++) {
    for (char character : encoded(static_cast<uint32_t>(random.next()), round % 2 == 0)) {
      const bool is_alphanumeric = (character >= '0' && character <= '9') || (character >= 'A' && character <= 'Z') ||
                                   (character >= 'a' && character <= 'z');
      REQUIRE(is_alphanumeric);
    }
  }
}

TEST_CASE("the data sum is the ones' complement sum of the words, at every length and seed") {
  Random random(16);
  for (size_t words = 0; words < 300; words++) {
    const std::vector<uint8_t> bytes = random.bytes(4 * words);
    Guarded<uint8_t> guarded(bytes.data(), bytes.size());
    const uint32_t seed = static_cast<uint32_t>(random.next());
    on_each_cpu([&] {
      REQUIRE(data_sum(guarded.data(), bytes.size()) == sum_by_words(bytes, 0));
      REQUIRE(data_sum(guarded.data(), bytes.size(), seed) == sum_by_words(bytes, seed));
    });
  }
}

TEST_CASE("a sum continued over pieces is the sum of the whole") {
  Random random(17);
  const std::vector<uint8_t> bytes = random.bytes(40000);
  for (int round = 0; round < 100; round++) {
    const size_t cut = 4 * random.below(10001);
    CHECK(data_sum(bytes.data() + cut, bytes.size() - cut, data_sum(bytes.data(), cut)) ==
          data_sum(bytes.data(), bytes.size()));
  }
}

TEST_CASE("words of all ones carry round and do not become zero") {
  const std::vector<uint8_t> ones(4096, 0xff);
  CHECK(data_sum(ones.data(), ones.size()) == 0xffffffffu);
  const std::vector<uint8_t> zeros(4096, 0);
  CHECK(data_sum(zeros.data(), zeros.size()) == 0);
  CHECK(fold_sum(~uint64_t{0}) == 0xffffffffu);
}

#ifdef HAVE_CFITSIO
TEST_CASE("the encoding equals cfitsio's") {
  Random random(18);
  for (int round = 0; round < (full_run() ? 1000000 : 20000); round++) {
    const uint32_t sum = static_cast<uint32_t>(random.next());
    char expected[17];
    fits_encode_chksum(sum, round % 2, expected);
    REQUIRE(encoded(sum, round % 2) == std::string(expected, 16));
  }
}
#endif
