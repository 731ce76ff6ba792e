// The CRC-32 by folding, with as many bytes side by side as a vector holds: four vectors, so that one product need not wait
// for another's. Included after a definition of Fold.
#pragma once
#include "crc32_fold.h"
#include "kernel_set.h"

namespace ccarchiver {
namespace {

template <uint64_t kBytes>
Fold::Vector multipliers() {
  return Fold::broadcast(_mm_set_epi64x(over_upper(kBytes), over_lower(kBytes)));
}

// `sum` carried over the message between it and `next`, and added.
inline Fold::Vector fold(Fold::Vector sum, Fold::Vector by, Fold::Vector next) {
  return Fold::sum_of(Fold::product<0x00>(sum, by), Fold::product<0x11>(sum, by), next);
}

inline uint32_t crc32_by_lanes(uint32_t state, const uint8_t* at, size_t bytes) noexcept {
  constexpr size_t kVector = sizeof(Fold::Vector), kStep = 4 * kVector;
  if (bytes < kStep) return scalar::crc32_by_table(state, at, bytes);
  const Fold::Vector over_step = multipliers<kStep>();
  const Fold::Vector over_vector = multipliers<kVector>();
  Fold::Vector sum[4];
  for (size_t i = 0; i < 4; i++) sum[i] = Fold::load(at + kVector * i);
  sum[0] = Fold::add_state(sum[0], _mm_cvtsi32_si128(static_cast<int>(state)));
  for (at += kStep, bytes -= kStep; bytes >= kStep; at += kStep, bytes -= kStep) {
    for (size_t i = 0; i < 4; i++) sum[i] = fold(sum[i], over_step, Fold::load(at + kVector * i));
  }
  for (size_t i = 1; i < 4; i++) sum[0] = fold(sum[0], over_vector, sum[i]);
  uint8_t rest[kVector];
  std::memcpy(rest, &sum[0], kVector);
  return scalar::crc32_by_table(scalar::crc32_by_table(0, rest, kVector), at, bytes);
}

}  // namespace
}  // namespace ccarchiver
