// Where the data units of one CCD's file come from: rows of a source in the pool, or another file of the same pixels.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "source.h"

namespace ccarchiver {

inline constexpr size_t kDescriptorBytes = 8;  // length and heap offset, 32 bits each ('1PB')

// Without the fill to FITS blocks.
struct SegmentSize {
  size_t data = 0;
  size_t heap = 0;           // the end of the data; compressed, the row descriptors stand before it
  uint32_t longest_row = 0;  // bytes
};

// Segments are numbered in FITS order.
class SegmentData {
 public:
  virtual ~SegmentData() = default;
  virtual int segments() const = 0;
  // RICE_1 row tiles in a table, as against big-endian 32-bit pixels.
  virtual bool compressed() const = 0;
  virtual SegmentSize size(int segment) const = 0;
  // Fills `data`, size(segment).data bytes.
  virtual void copy(int segment, uint8_t* data) const = 0;
  // DATASUM of the 32-bit pixels.
  virtual uint32_t pixel_sum(int segment) const = 0;
};

// Rows that bands have made.
class RowSegments final : public SegmentData {
 public:
  // Throws NATIVE_ARGUMENT unless every row is there and the product was wanted and can be made.
  RowSegments(const Source& source, int ccd, Product product);

  int segments() const override { return segments_; }
  bool compressed() const override { return compressed_; }
  SegmentSize size(int segment) const override;
  void copy(int segment, uint8_t* data) const override;
  uint32_t pixel_sum(int segment) const override;

 private:
  const ProductRows& rows_;
  const int segments_;
  const bool compressed_;
};

// One segment's data unit within the bytes of a file, and what its header says of it.
struct StoredSegment {
  SegmentSize size;
  size_t offset = 0;
  uint32_t pixel_sum = 0;
};

// Data units of a file that was written before, taken over byte for byte. The bytes must outlive it.
class StoredSegments final : public SegmentData {
 public:
  // Throws NATIVE_ARGUMENT unless every data unit lies within `file`.
  StoredSegments(std::span<const uint8_t> file, bool compressed, std::vector<StoredSegment> segments);

  int segments() const override { return static_cast<int>(stored_.size()); }
  bool compressed() const override { return compressed_; }
  SegmentSize size(int segment) const override { return at(segment).size; }
  void copy(int segment, uint8_t* data) const override;
  uint32_t pixel_sum(int segment) const override { return at(segment).pixel_sum; }

 private:
  const StoredSegment& at(int segment) const { return stored_[static_cast<size_t>(segment)]; }

  const std::span<const uint8_t> file_;
  const bool compressed_;
  const std::vector<StoredSegment> stored_;
};

}  // namespace ccarchiver
