// Published words of the Rubin raw format (DAQ science sample) become the published pixels, and back.
#include <cstring>
#include <vector>

#include "../core/kernels.h"
#include "support/hex.h"
#include "support/layouts.h"
#include "support/run.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

// Values 20000 + 1000 ccd + 10 channel, in the DAQ's channel order.
const char* const kByChannel =
    "0faa15a8b69f5a7c6ae7a975a7369d5a726abfa9d5a6b69a5a686a97a935a636985a5e6af7adb5b736de5a766bcfad15b7b6db5a6c6ba7ad75"
    "b636d95a626b7fadd5b5"
    "b6d65a586bdfb155c7b61c5b706cb7b1b5c6361a5b666c8fb115c6b6175b5c6c67b175c536155b526c";
// Values 20000 + 1000 ccd + 10 f, f = segment in FITS order.
const char* const kBySegment =
    "79a90da6d698da656aa1a9ada6569bda6f6a0faa15a8b69f5a7c6ae7a975a7369d5a726a61adadb556d7da5f6b89ad4db6d6d9da696bf7adb5"
    "b736de5a766bcfad15b7"
    "b6db5a6c6b49b14dc5d615db596c71b1edc55618db636cdfb155c7b61c5b706cb7b1b5c6361a5b666c";
// The first 16 pixels of a real flat as the 16 channels of one CCD.
const char* const kRealFlat = "c99c995db6679992653396d958c663998e654696015936b5182860067bcdd9254417b95c";

std::vector<int32_t> unpack(const SourceLayout& layout, int ccd, const char* hex) {
  std::vector<uint8_t> packed = from_hex(hex);
  REQUIRE(packed.size() == layout.row_bytes());
  packed.resize(packed.size() + 64);
  std::vector<int32_t> stripes(static_cast<size_t>(layout.columns) * kChannels);
  unpack_row(layout, ccd, packed.data(), stripes.data());
  return stripes;
}

}  // namespace

TEST_CASE("a science sample unpacks to the right CCD and channel") {
  const SourceLayout layout = science_layout(1);
  on_each_cpu([&] {
    for (int ccd = 0; ccd < 3; ccd++) {
      const std::vector<int32_t> stripe = unpack(layout, ccd, kByChannel);
      for (size_t f = 0; f < kChannels; f++) CHECK(stripe[f] == 20000 + 1000 * ccd + 10 * layout.ccd[ccd].channel[f]);
    }
  });
}

TEST_CASE("a science sample unpacks to the segments' FITS order") {
  const SourceLayout layout = science_layout(1);
  on_each_cpu([&] {
    for (int ccd = 0; ccd < 3; ccd++) {
      const std::vector<int32_t> stripe = unpack(layout, ccd, kBySegment);
      for (int f = 0; f < kChannels; f++) CHECK(stripe[static_cast<size_t>(f)] == 20000 + 1000 * ccd + 10 * f);
    }
  });
}

TEST_CASE("real pixels unpack to their values") {
  const SourceLayout layout =
      source_layout(1, 1, 0x1ffff, {ccd_layout(0, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})});
  on_each_cpu([&] {
    const std::vector<int32_t> stripe = unpack(layout, 0, kRealFlat);
    CHECK(stripe[0] == 25398);
    CHECK(stripe[1] == 26777);
    CHECK(stripe[2] == 27012);
    CHECK(stripe[3] == 27061);
  });
}

TEST_CASE("packing the published pixels gives the published words") {
  const SourceLayout layout = science_layout(1);
  for (const char* hex : {kByChannel, kBySegment}) {
    std::vector<std::vector<int32_t>> ccds;
    for (int ccd = 0; ccd < 3; ccd++) ccds.push_back(unpack(layout, ccd, hex));
    const int32_t* const stripes[] = {ccds[0].data(), ccds[1].data(), ccds[2].data()};
    std::vector<uint8_t> packed(layout.row_bytes());
    pack_row(layout, stripes, packed.data());
    CHECK(to_hex(packed) == hex);
  }
}
