// RICE_1 of Lanes::kCount segments side by side: lane = amplifier, so pixels are taken as they stand in the stripes and
// all streams grow together. Included after a lanes_*.h. Gives the bytes of the scalar form.
#pragma once
#include <cstring>

#include "kernel_set.h"
#include "rice.h"

namespace ccarchiver {
namespace {

using Int = Lanes::Int;
using Wide = Lanes::Wide;

// One bit stream for each of half the lanes, as BitWriter of rice_encode.cpp: fewer than 8 bits are held between
// appends.
class HalfWriter {
 public:
  explicit HalfWriter(uint8_t* const out[]) {  // every second one
    for (int i = 0; i < kStreams; i++) begin_[i] = reinterpret_cast<uint64_t>(out[2 * i]);
    next_ = Lanes::load_wide(begin_);
  }

  // 0 <= count <= 56 and value < 2^count, in every lane.
  void append(Wide value, Wide count) {
    const Wide used = Lanes::add_wide(used_, count);
    const Wide word =
        Lanes::bit_or(held_, Lanes::shift_left_wide(value, Lanes::subtract_wide(Lanes::set_wide(64), used)));
    store(Lanes::swap_bytes(word));
    next_ = Lanes::add_wide(next_, Lanes::shift_right_wide<3>(used));
    held_ = Lanes::shift_left_wide(word, Lanes::bit_and(used, Lanes::set_wide(56)));
    used_ = Lanes::bit_and(used, Lanes::set_wide(7));
  }

  void lengths(uint32_t length[]) const {  // every second one
    uint64_t next[kStreams], used[kStreams];
    Lanes::store_wide(next, next_);
    Lanes::store_wide(used, used_);
    for (int i = 0; i < kStreams; i++) length[2 * i] = static_cast<uint32_t>(next[i] - begin_[i]) + (used[i] > 0);
  }

 private:
  static constexpr int kStreams = Lanes::kCount / 2;

  // Eight bytes to each stream; those beyond the whole bytes are written again by the next append.
  void store(Wide words) const {
    alignas(64) uint64_t next[kStreams], word[kStreams];
    Lanes::store_wide(next, next_);
    Lanes::store_wide(word, words);
    for (int i = 0; i < kStreams; i++) std::memcpy(reinterpret_cast<void*>(next[i]), &word[i], sizeof word[i]);
  }

  uint64_t begin_[kStreams];
  Wide next_;  // addresses
  Wide held_ = Lanes::set_wide(0);
  Wide used_ = Lanes::set_wide(0);
};

// Bits to append, in every lane; the value's bits above `length` are 0.
struct Bits {
  Int value;
  Int length;
};

// How the codes of a block are made from zigzag values: stop | value's lower bits, after value >> split zeros. All 0
// where the block has no codes.
struct BlockCode {
  Int split;
  Int level;
  Int stop;  // 1 << split
  Int mask;  // stop - 1, also where the block has no codes

  BlockCode(Int split_of_lanes, Int sum)
      : split(split_of_lanes),
        level(Lanes::where_nonzero(sum, Lanes::add(split, Lanes::set(1)))),
        stop(Lanes::where_nonzero(sum, Lanes::shift_left(Lanes::set(1), split))),
        mask(Lanes::subtract(Lanes::shift_left(Lanes::set(1), split), Lanes::set(1))) {}

  Int zeros(Int value) const { return Lanes::shift_right(value, split); }
  Bits code(Int value) const {
    return {Lanes::bit_or(Lanes::bit_and(value, mask), stop), Lanes::add(zeros(value), level)};
  }
};

class LaneEncoder {
 public:
  explicit LaneEncoder(uint8_t* const out[]) : even_(out), odd_(out + 1) {}

  // False when a difference is too large for this form: what was written is then to be discarded.
  bool encode(const int32_t* stripes, int columns) {
    previous_ = Lanes::load(stripes);
    append({previous_, Lanes::set(32)});
    for (int first = 0; first < columns; first += kRiceBlock) {
      const int n = columns - first < kRiceBlock ? columns - first : kRiceBlock;
      if (!encode_block(stripes + static_cast<size_t>(first) * kChannels, n)) return false;
    }
    return true;
  }

  void lengths(uint32_t length[]) const {
    even_.lengths(length);
    odd_.lengths(length + 1);
  }

 private:
  bool encode_block(const int32_t* stripes, int n) {
    Int values[kRiceBlock];
    Int sum = Lanes::set(0);
    Int all = Lanes::set(0);
    for (int j = 0; j < n; j++) {
      const Int pixel = Lanes::load(stripes + j * kChannels);
      const Int difference = Lanes::subtract(pixel, previous_);
      values[j] = Lanes::bit_xor(Lanes::shift_left<1>(difference), Lanes::sign(difference));
      sum = Lanes::add(sum, values[j]);
      all = Lanes::bit_or(all, values[j]);
      previous_ = pixel;
    }
    // Below 2^25 the sum of 32 fits a lane and no block is raw. Pixels of 18 bits always are.
    if (Lanes::any_bit(all, ~((1u << kRawSplit) - 1))) return false;
    const BlockCode block(split_of_lanes(sum, n), sum);
    append({block.level, Lanes::set(kLevelBits)});
    int j = 0;
    for (; j + 4 <= n; j += 4) append_four(block, values + j);
    for (; j < n; j++) append_one(block, values[j]);
    return true;
  }

  static Int split_of_lanes(Int sum, int n) {
    if (n == kRiceBlock) {
      constexpr int kLess = kRiceBlock / 2 + 1;
      static_assert(kRiceBlock == 32);
      const Int less = Lanes::subtract(Lanes::max(sum, Lanes::set(kLess)), Lanes::set(kLess));
      return Lanes::bit_width(Lanes::shift_right<6>(less));
    }
    alignas(64) int32_t lanes[Lanes::kCount];
    Lanes::store(lanes, sum);
    for (int32_t& lane : lanes) lane = split_of(static_cast<uint32_t>(lane), n);
    return Lanes::load(lanes);
  }

  void append(Bits bits) {
    even_.append(Lanes::even(bits.value), Lanes::even(bits.length));
    odd_.append(Lanes::odd(bits.value), Lanes::odd(bits.length));
  }

  // Four codes in one append when they are short enough in every lane: two by two in 32 bits, then in 64.
  void append_four(const BlockCode& block, const Int values[4]) {
    const Bits first = join(block.code(values[0]), block.code(values[1]));
    const Bits second = join(block.code(values[2]), block.code(values[3]));
    const Int length = Lanes::add(first.length, second.length);
    const Int longer = Lanes::max(first.length, second.length);
    // Not more than 56 bits in all, and not more than 32 in either pair.
    if (Lanes::any_greater(Lanes::max(length, Lanes::add(longer, Lanes::set(56 - 32))), 56)) {
      append_two(block, first, values);
      append_two(block, second, values + 2);
      return;
    }
    const Wide even = Lanes::shift_left_wide(Lanes::even(first.value), Lanes::even(second.length));
    const Wide odd = Lanes::shift_left_wide(Lanes::odd(first.value), Lanes::odd(second.length));
    even_.append(Lanes::bit_or(even, Lanes::even(second.value)), Lanes::even(length));
    odd_.append(Lanes::bit_or(odd, Lanes::odd(second.value)), Lanes::odd(length));
  }

  void append_two(const BlockCode& block, Bits joined, const Int values[2]) {
    if (!Lanes::any_greater(joined.length, 32)) {
      append(joined);
      return;
    }
    append_one(block, values[0]);
    append_one(block, values[1]);
  }

  // Right as long as both together have at most 32 bits.
  static Bits join(Bits a, Bits b) {
    return {Lanes::bit_or(Lanes::shift_left(a.value, b.length), b.value), Lanes::add(a.length, b.length)};
  }

  void append_one(const BlockCode& block, Int value) {
    const Bits code = block.code(value);
    if (!Lanes::any_greater(code.length, 56)) {
      append(code);
      return;
    }
    // At most 80 zeros stand before a 1 (that many only at split 0).
    const Int zeros = block.zeros(value);
    const Int some = Lanes::min(zeros, Lanes::set(40));
    append({Lanes::set(0), some});
    append({Lanes::set(0), Lanes::subtract(zeros, some)});
    append({code.value, block.level});
  }

  HalfWriter even_;
  HalfWriter odd_;
  Int previous_;
};

// Lanes::kCount segments of the row from the first lane of `stripes`; false when they are to be encoded by the scalar
// form.
bool encode_lanes(const int32_t* stripes, int columns, uint8_t* const out[], uint32_t length[]) {
  LaneEncoder encoder(out);
  if (!encoder.encode(stripes, columns)) return false;
  encoder.lengths(length);
  return true;
}

}  // namespace
}  // namespace ccarchiver
