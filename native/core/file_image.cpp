#include "file_image.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "cards.h"
#include "checksum.h"
#include "failure.h"

namespace ccarchiver {

namespace {

constexpr uint32_t kMinusZero = 0xffffffff;

struct Sizes {
  size_t header = 0;
  SegmentSize segment;

  size_t hdu() const { return header + round_to_fits_block(segment.data); }
};

Sizes measure(const SegmentData& pixels, const HduPlan& hdu) {
  const bool bare = hdu.segment == HduPlan::kBare;
  if (!bare && (hdu.segment < 0 || hdu.segment >= pixels.segments())) {
    throw bad_argument("segment " + std::to_string(hdu.segment) + " is not one of this CCD");
  }
  if (hdu.image.empty() == (pixels.compressed() && !bare)) {
    throw bad_argument("an image header belongs to compressed segments, and to each of them");
  }
  Sizes sizes = {header_bytes(hdu.cards), {}};
  if (!bare) sizes.segment = pixels.size(hdu.segment);
  return sizes;
}

void describe_table(Header& header, const HduPlan& hdu, const SegmentSize& size, uint32_t pixel_sum) {
  std::vector<uint8_t> image(header_bytes(hdu.image));
  header.set_integer("PCOUNT", static_cast<int64_t>(size.heap));
  header.set_string("TFORM1", "1PB(" + std::to_string(size.longest_row) + ")");
  header.set_string("ZDATASUM", std::to_string(pixel_sum));
  header.set_string("ZHECKSUM", Header(image.data(), hdu.image).seal(pixel_sum));
}

// Returns the HDU's DATASUM.
uint32_t build(const SegmentData& pixels, const HduPlan& hdu, const Sizes& sizes, uint8_t* at) {
  Header header(at, hdu.cards);
  if (hdu.segment == HduPlan::kBare) return 0;
  uint8_t* data = at + sizes.header;
  const size_t bytes = sizes.segment.data;
  const size_t padded = round_to_fits_block(bytes);
  pixels.copy(hdu.segment, data);
  std::memset(data + bytes, 0, padded - bytes);
  if (pixels.compressed()) describe_table(header, hdu, sizes.segment, pixels.pixel_sum(hdu.segment));
  const uint32_t sum = data_sum(data, padded);
  header.seal(sum);
  return sum;
}

}  // namespace

FileImage::FileImage(const SegmentData& pixels, std::span<const HduPlan> hdus, Pool& pool) {
  if (hdus.empty()) throw bad_argument("a file needs at least one HDU");
  std::vector<Sizes> sizes;
  for (const HduPlan& hdu : hdus) {
    sizes.push_back(measure(pixels, hdu));
    bytes_ += sizes.back().hdu();
  }
  run_ = pool.require(pool.images().take(padded_bytes()));
  uint8_t* at = run_.data();
  for (size_t i = 0; i < hdus.size(); i++) {
    data_sums_.push_back(build(pixels, hdus[i], sizes[i], at));
    if (data_sum(at, sizes[i].hdu()) != kMinusZero) {
      throw bad_argument("HDU " + std::to_string(i) + " does not sum to zero; seal its header");
    }
    at += sizes[i].hdu();
  }
  std::memset(at, 0, padded_bytes() - bytes_);
}

}  // namespace ccarchiver
