#include <atomic>
#include <initializer_list>

#include "checksum.h"
#include "kernel_set.h"

namespace ccarchiver {

namespace {

// The operating system must keep the wide registers too; the compiler's check asks for that as well.
bool has_fma() noexcept { return __builtin_cpu_supports("avx") && __builtin_cpu_supports("fma"); }

bool has_avx2() noexcept {
  return has_fma() && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("lzcnt");
}

bool has_avx512() noexcept {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
         __builtin_cpu_supports("avx512vbmi2");
}

using Crc32 = uint32_t(uint32_t state, const uint8_t*, size_t bytes) noexcept;

// Carry-less products of whole vectors are a feature of their own.
Crc32* crc32_kernel(Crc32* wide) noexcept {
  if (wide != nullptr && __builtin_cpu_supports("vpclmulqdq")) return wide;
  return __builtin_cpu_supports("pclmul") ? scalar::crc32_by_folding : scalar::crc32_by_table;
}

// nullptr when this processor, or its operating system, cannot run the set.
const KernelSet* set_for(Cpu cpu) noexcept {
  static const KernelSet scalar_set = {.cpu = Cpu::kScalar,
                                       .unpack_row = scalar::unpack_row,
                                       .correct_row = has_fma() ? scalar::correct_row_fma : scalar::correct_row,
                                       .rice_encode_row = scalar::rice_encode_row,
                                       .encode_tiles = has_fma() ? scalar::encode_tiles_fma : scalar::encode_tiles,
                                       .decode_tiles = scalar::decode_tiles,
                                       .sum_words = scalar::sum_words,
                                       .crc32 = crc32_kernel(nullptr)};
  static const KernelSet avx2_set = {.cpu = Cpu::kAvx2,
                                     .unpack_row = avx2::unpack_row,
                                     .correct_row = avx2::correct_row,
                                     .rice_encode_row = avx2::rice_encode_row,
                                     .encode_tiles = avx2::encode_tiles,
                                     .decode_tiles = avx2::decode_tiles,
                                     .sum_words = avx2::sum_words,
                                     .crc32 = crc32_kernel(avx2::crc32)};
  static const KernelSet avx512_set = {.cpu = Cpu::kAvx512,
                                       .unpack_row = avx512::unpack_row,
                                       .correct_row = avx512::correct_row,
                                       .rice_encode_row = avx512::rice_encode_row,
                                       .encode_tiles = avx512::encode_tiles,
                                       .decode_tiles = avx512::decode_tiles,
                                       .sum_words = avx512::sum_words,
                                       .crc32 = crc32_kernel(avx512::crc32)};
  switch (cpu) {
    case Cpu::kAvx512:
      return has_avx512() ? &avx512_set : nullptr;
    case Cpu::kAvx2:
      return has_avx2() ? &avx2_set : nullptr;
    default:
      return &scalar_set;
  }
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

void encode_tiles(const PackedCcdRow& from, TileRow* raw, TileRow* corrected) noexcept {
  active().load()->encode_tiles(from, raw, corrected);
}

TileDamage decode_tiles(const TileRun& run) noexcept { return active().load()->decode_tiles(run); }

uint64_t sum_words(const uint8_t* words, size_t pairs) noexcept { return active().load()->sum_words(words, pairs); }

uint32_t crc32(const void* data, size_t bytes, uint32_t seed) noexcept {
  return ~active().load()->crc32(~seed, static_cast<const uint8_t*>(data), bytes);
}

}  // namespace ccarchiver
