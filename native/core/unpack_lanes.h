// Samples of one CCD to stripes. Included after a samples_*.h.
#pragma once
#include "kernel_set.h"

namespace ccarchiver {
namespace {

// The samples of one CCD in a packed row: where they stand and how they are read.
class PackedRow {
 public:
  PackedRow(const SourceLayout& layout, int ccd, const uint8_t* packed)
      : samples_(layout, ccd),
        group_(packed + static_cast<size_t>(layout.ccd[ccd].group) * kGroupBytes),
        sample_bytes_(static_cast<size_t>(layout.groups) * kGroupBytes) {}

  // `count` columns from `first` on.
  void unpack(int first, int count, int32_t* stripes) const {
    const uint8_t* group = group_ + static_cast<size_t>(first) * sample_bytes_;
    for (int i = 0; i < count; i++, group += sample_bytes_, stripes += kChannels) samples_.unpack(group, stripes);
  }

 private:
  const Samples samples_;
  const uint8_t* const group_;
  const size_t sample_bytes_;
};

}  // namespace
}  // namespace ccarchiver
