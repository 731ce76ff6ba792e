#include "file_image.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "cards.h"
#include "checksum.h"
#include "failure.h"

namespace ccarchiver {

namespace {

constexpr size_t kDescriptorBytes = 8;  // length and heap offset, 32 bits each ('1PB')
constexpr uint32_t kMinusZero = 0xffffffff;

void store_big_endian(uint8_t* at, uint32_t value) {
  const uint32_t word = __builtin_bswap32(value);
  std::memcpy(at, &word, sizeof word);
}

// What the HDUs of one file have in common.
struct Ccd {
  const ProductRows& rows;
  int segments;
  bool compressed;
};

struct Sizes {
  size_t header;
  size_t data;  // without padding
  size_t heap;
  uint32_t longest_row;

  size_t hdu() const { return header + round_to_fits_block(data); }
};

Sizes measure(const Ccd& ccd, const HduPlan& hdu) {
  const bool bare = hdu.segment == HduPlan::kBare;
  if (!bare && (hdu.segment < 0 || hdu.segment >= ccd.segments)) {
    throw bad_argument("segment " + std::to_string(hdu.segment) + " is not one of this CCD");
  }
  if (hdu.image.empty() == (ccd.compressed && !bare)) {
    throw bad_argument("an image header belongs to compressed segments, and to each of them");
  }
  Sizes sizes = {header_bytes(hdu.cards), 0, 0, 0};
  if (bare) return sizes;
  for (const RowRecord& row : ccd.rows.rows) {
    sizes.heap += row.length(hdu.segment);
    sizes.longest_row = std::max(sizes.longest_row, row.length(hdu.segment));
  }
  sizes.data = sizes.heap + (ccd.compressed ? ccd.rows.rows.size() * kDescriptorBytes : 0);
  return sizes;
}

// Uncompressed: the rows. Compressed: a descriptor for each row, then the heap in row order.
void copy_rows(const Ccd& ccd, int segment, const Sizes& sizes, uint8_t* data) {
  uint8_t* descriptor = data;
  uint8_t* heap = data + (sizes.data - sizes.heap);
  uint32_t offset = 0;
  for (const RowRecord& row : ccd.rows.rows) {
    const uint32_t length = row.length(segment);
    std::memcpy(heap + offset, row.segment(segment), length);
    if (ccd.compressed) {
      store_big_endian(descriptor, length);
      store_big_endian(descriptor + 4, offset);
      descriptor += kDescriptorBytes;
    }
    offset += length;
  }
}

void describe_table(Header& header, const HduPlan& hdu, const Sizes& sizes, uint32_t pixel_sum) {
  std::vector<uint8_t> image(header_bytes(hdu.image));
  header.set_integer("PCOUNT", static_cast<int64_t>(sizes.heap));
  header.set_string("TFORM1", "1PB(" + std::to_string(sizes.longest_row) + ")");
  header.set_string("ZDATASUM", std::to_string(pixel_sum));
  header.set_string("ZHECKSUM", Header(image.data(), hdu.image).seal(pixel_sum));
}

// Returns the HDU's DATASUM.
uint32_t build(const Ccd& ccd, const HduPlan& hdu, const Sizes& sizes, uint8_t* at) {
  Header header(at, hdu.cards);
  if (hdu.segment == HduPlan::kBare) return 0;
  uint8_t* data = at + sizes.header;
  const size_t padded = round_to_fits_block(sizes.data);
  copy_rows(ccd, hdu.segment, sizes, data);
  std::memset(data + sizes.data, 0, padded - sizes.data);
  if (ccd.compressed) describe_table(header, hdu, sizes, fold_sum(ccd.rows.pixel_sum[hdu.segment]));
  const uint32_t sum = data_sum(data, padded);
  header.seal(sum);
  return sum;
}

}  // namespace

FileImage::FileImage(const Source& source, int ccd, Product product, std::span<const HduPlan> hdus, Pool& pool) {
  if (hdus.empty()) throw bad_argument("a file needs at least one HDU");
  const ProductRows& rows = source.finished(ccd, product);
  const SourceOptions& options = source.options();
  const Ccd parts = {rows, options.layout.ccd[ccd].segments, options.compression == Compression::kRice};
  std::vector<Sizes> sizes;
  for (const HduPlan& hdu : hdus) {
    sizes.push_back(measure(parts, hdu));
    bytes_ += sizes.back().hdu();
  }
  run_ = pool.require(pool.images().take(padded_bytes()));
  uint8_t* at = run_.data();
  for (size_t i = 0; i < hdus.size(); i++) {
    data_sums_.push_back(build(parts, hdus[i], sizes[i], at));
    if (data_sum(at, sizes[i].hdu()) != kMinusZero) {
      throw bad_argument("HDU " + std::to_string(i) + " does not sum to zero; seal its header");
    }
    at += sizes[i].hdu();
  }
  std::memset(at, 0, padded_bytes() - bytes_);
}

}  // namespace ccarchiver
