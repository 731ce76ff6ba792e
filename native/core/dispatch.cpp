#include <atomic>

#include "kernel_set.h"

namespace ccarchiver {

namespace {

bool has_fma() noexcept { return __builtin_cpu_supports("avx") && __builtin_cpu_supports("fma"); }

// nullptr when this processor, or its operating system, cannot run the set.
const KernelSet* set_for(Cpu cpu) noexcept {
  static const KernelSet scalar_set = {Cpu::kScalar, scalar::unpack_row,
                                       has_fma() ? scalar::correct_row_fma : scalar::correct_row,
                                       scalar::rice_encode_row, scalar::add_pixel_sums};
  return cpu == Cpu::kScalar ? &scalar_set : nullptr;
}

const KernelSet* best_set() noexcept {
  for (Cpu cpu : {Cpu::kAvx512, Cpu::kAvx2}) {
    if (const KernelSet* set = set_for(cpu)) return set;
  }
  return set_for(Cpu::kScalar);
}

std::atomic<const KernelSet*>& active() noexcept {
  static std::atomic<const KernelSet*> set = best_set();
  return set;
}

}  // namespace

Cpu active_cpu() noexcept { return active().load()->cpu; }

bool force_cpu(Cpu cpu) noexcept {
  const KernelSet* set = set_for(cpu);
  if (set != nullptr) active().store(set);
  return set != nullptr;
}

void unpack_row(const SourceLayout& layout, int ccd, const uint8_t* packed, int32_t* stripes) noexcept {
  active().load()->unpack_row(layout, ccd, packed, stripes);
}

void correct_row(const SourceLayout& layout, int ccd, const Crosstalk& crosstalk, const int32_t* stripes,
                 int32_t* corrected) noexcept {
  active().load()->correct_row(layout, ccd, crosstalk, stripes, corrected);
}

void rice_encode_row(const int32_t* stripes, int columns, int segments, uint8_t* const out[],
                     uint32_t length[]) noexcept {
  active().load()->rice_encode_row(stripes, columns, segments, out, length);
}

void add_pixel_sums(const int32_t* stripes, int columns, int segments, uint64_t sums[]) noexcept {
  active().load()->add_pixel_sums(stripes, columns, segments, sums);
}

}  // namespace ccarchiver
