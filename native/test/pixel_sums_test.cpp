// The sums gathered row by row are the DATASUM of the uncompressed image (FITS standard 4.0, appendix J).
#include <vector>

#include "../core/checksum.h"
#include "support/random.h"
#include "support/rice_shapes.h"
#include "support/run.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

TEST_CASE("row sums fold to the DATASUM of each segment's image") {
  on_each_cpu([] {
    Random random(13);
    uint64_t sums[kChannels] = {};
    std::vector<std::vector<uint8_t>> images(kChannels);
    for (int shape = 0; shape < kShapes; shape++) {
      std::vector<int32_t> stripes;
      for (int32_t pixel : rice_row(random, shape, 97 * kChannels)) stripes.push_back(pixel);
      add_pixel_sums(stripes.data(), 97, kChannels, sums);
      for (size_t i = 0; i < stripes.size(); i++) {
        for (int shift = 24; shift >= 0; shift -= 8)
          images[i % kChannels].push_back(static_cast<uint8_t>(static_cast<uint32_t>(stripes[i]) >> shift));
      }
    }
    for (size_t f = 0; f < kChannels; f++) CHECK(fold_sum(sums[f]) == data_sum(images[f].data(), images[f].size()));
  });
}

TEST_CASE("sums of segments that the CCD does not have are left alone") {
  on_each_cpu([] {
    const std::vector<int32_t> stripes(33 * kChannels, -1);
    uint64_t sums[kChannels] = {};
    add_pixel_sums(stripes.data(), 33, 8, sums);
    for (int f = 0; f < kChannels; f++) CHECK(sums[f] == (f < 8 ? 33 * uint64_t{0xffffffff} : 0));
  });
}
