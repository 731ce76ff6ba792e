// Random numbers that depend on nothing but their seed.
#pragma once
#include <cstdint>

namespace ccarchiver {

// The finalizer of SplitMix64: a bijection that scatters all bits.
inline uint64_t mix(uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

// SplitMix64, seeded by a path of numbers, e.g. (seed, ccd, row): streams of different paths have nothing to do with each other.
class Random {
 public:
  template <class... Path>
  explicit Random(uint64_t seed, Path... path) : state_(mix(seed + kStep)) {
    ((state_ = mix(state_ ^ mix(static_cast<uint64_t>(path) + kStep))), ...);
  }

  uint64_t next() {
    state_ += kStep;
    return mix(state_);
  }

  // In [0, 1), with 24 bits.
  float uniform() { return static_cast<float>(next() >> 40) * 0x1p-24f; }

  int below(int limit) { return static_cast<int>((next() >> 33) % static_cast<uint64_t>(limit)); }

 private:
  static constexpr uint64_t kStep = 0x9e3779b97f4a7c15u;
  uint64_t state_;
};

// Standard normal numbers: the sum of two entries of a table of quantiles, so that 22 random bits give some two million different values up to 4.8 sigma.
class NormalTable {
 public:
  static constexpr int kBits = 11;
  static constexpr int kSize = 1 << kBits;

  // The 22 low bits of `bits` are used.
  float operator()(uint64_t bits) const { return quantile_[bits & (kSize - 1)] + quantile_[(bits >> kBits) & (kSize - 1)]; }

  static const NormalTable& shared();

 private:
  NormalTable();
  float quantile_[kSize];  // of a normal distribution with variance 1/2
};

}  // namespace ccarchiver
