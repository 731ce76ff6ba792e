// The whole FITS file of one CCD, as it will stand on disk.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "pool.h"
#include "segment_data.h"

namespace ccarchiver {

struct HduPlan {
  static constexpr int kBare = -1;

  int segment = kBare;               // kBare: a header without data whose sums are right already
  std::span<const uint8_t> cards;    // as written, without END; of a compressed segment: the BINTABLE
  std::span<const uint8_t> image;    // compressed segments only: the image that the table stands for
};

// Page-aligned in the pool, a multiple of 2880 bytes, followed by zeros up to a multiple of 4096 for O_DIRECT.
class FileImage {
 public:
  static constexpr size_t kPageBytes = 4096;

  // Gathers pixels and headers, fills the cards that depend on the pixels (PCOUNT, TFORM1, ZDATASUM, ZHECKSUM, DATASUM, CHECKSUM), then proves
  // that every HDU sums to -0. Throws NATIVE_ARGUMENT (cards missing, an unsealed bare header), POOL_EXHAUSTED.
  FileImage(const SegmentData& pixels, std::span<const HduPlan> hdus, Pool& pool);

  const uint8_t* data() const { return run_.data(); }
  size_t bytes() const { return bytes_; }
  size_t padded_bytes() const { return (bytes_ + kPageBytes - 1) / kPageBytes * kPageBytes; }
  // DATASUM of each HDU.
  const std::vector<uint32_t>& data_sums() const { return data_sums_; }

 private:
  Run run_;
  size_t bytes_ = 0;
  std::vector<uint32_t> data_sums_;
};

}  // namespace ccarchiver
