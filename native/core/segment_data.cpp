#include "segment_data.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "cards.h"
#include "checksum.h"
#include "failure.h"

namespace ccarchiver {

namespace {

void store_big_endian(uint8_t* at, uint32_t value) {
  const uint32_t word = __builtin_bswap32(value);
  std::memcpy(at, &word, sizeof word);
}

void check(const StoredSegment& segment, size_t index, std::span<const uint8_t> file, bool compressed) {
  const auto& [size, offset, pixel_sum] = segment;
  const size_t padded = round_to_fits_block(size.data);
  const bool within = size.data <= file.size() && padded <= file.size() && offset <= file.size() - padded;
  if (!within || size.heap > size.data || (!compressed && size.heap != size.data)) {
    throw bad_argument("stored segment " + std::to_string(index) + " does not lie within its file");
  }
}

}  // namespace

RowSegments::RowSegments(const Source& source, int ccd, Product product)
    : rows_(source.finished(ccd, product)),
      segments_(source.options().layout.ccd[ccd].segments),
      compressed_(source.options().compression == Compression::kRice) {}

SegmentSize RowSegments::size(int segment) const {
  SegmentSize size;
  for (const RowLengths& row : rows_.rows) {
    size.heap += row.length[segment];
    size.longest_row = std::max(size.longest_row, row.length[segment]);
  }
  size.data = size.heap + (compressed_ ? rows_.rows.size() * kDescriptorBytes : 0);
  return size;
}

// Uncompressed: the rows. Compressed: a descriptor for each row, then the heap in row order.
void RowSegments::copy(int segment, uint8_t* data) const {
  uint8_t* descriptor = data;
  uint8_t* const heap = data + (compressed_ ? rows_.rows.size() * kDescriptorBytes : 0);
  uint32_t offset = 0;
  for (size_t first = 0; first < rows_.rows.size();) {
    const RowGroup& group = rows_.groups[first];
    const uint32_t begin = offset;
    const size_t end = first + static_cast<size_t>(group.rows);
    for (; first < end; first++) {
      const uint32_t length = rows_.rows[first].length[segment];
      if (compressed_) {
        store_big_endian(descriptor, length);
        store_big_endian(descriptor + 4, offset);
        descriptor += kDescriptorBytes;
      }
      offset += length;
    }
    std::memcpy(heap + begin, group.segment[segment], offset - begin);
  }
}

uint32_t RowSegments::pixel_sum(int segment) const { return fold_sum(rows_.pixel_sum[segment]); }

StoredSegments::StoredSegments(std::span<const uint8_t> file, bool compressed, std::vector<StoredSegment> segments)
    : file_(file), compressed_(compressed), stored_(std::move(segments)) {
  for (size_t i = 0; i < stored_.size(); i++) check(stored_[i], i, file_, compressed_);
}

void StoredSegments::copy(int segment, uint8_t* data) const {
  std::memcpy(data, file_.data() + at(segment).offset, at(segment).size.data);
}

}  // namespace ccarchiver
