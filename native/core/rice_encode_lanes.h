// RICE_1 of Lanes::kCount segments side by side: lane = amplifier, so pixels are taken as they stand in the stripes and
// all streams grow together. Included after a lanes_*.h. Gives the bytes of the scalar form.
#pragma once
#include <immintrin.h>

#include <cstring>

#include "kernel_set.h"
#include "rice.h"

namespace ccarchiver {
namespace {

using Int = Lanes::Int;
using Wide = Lanes::Wide;

// The bit streams of half the lanes, kStreams of them, which fill words of 64 bits from the most significant bit down. Each
// append completes a word in some streams and not in others, and a store for each stream would cost more than all the
// arithmetic. So the words of kStreams appends are kept as they stand, with a mask of the streams that were completed;
// then one transposition makes them one vector per stream, from which the incomplete ones are squeezed out.
class WordStreams {
 public:
  static constexpr int kStreams = Lanes::kCount / 2;

  // out[Lanes::stream_lane(half, i)] receives stream i. Up to 64 bytes beyond a stream's end are overwritten.
  void open(uint8_t* const out[], int half) {
    held_ = used_ = Lanes::set_wide(0);
    for (int i = 0; i < kStreams; i++) next_[i] = out[Lanes::stream_lane(half, i)];
  }

  // kStreams appends. Piece i of this half is the lengths[i] uppermost bits of upper[i] and lower[i]: 0 to 64, all others 0.
  template <int kHalf>
  void append_all(const Int upper[], const Int lower[], const Int lengths[]) {
    Wide words[kStreams];
    Wide held = held_, used = used_;
    uint64_t completed = 0;
    for (int i = 0; i < kStreams; i++) {
      const Wide value = Lanes::words<kHalf>(lower[i], upper[i]);
      const Wide count = Lanes::words<kHalf>(lengths[i], Lanes::set(0));
      words[i] = Lanes::bit_or(held, Lanes::shift_right_wide(value, used));
      const Wide spilled = Lanes::shift_left_wide(value, Lanes::subtract_wide(Lanes::set_wide(64), used));
      used = Lanes::add_wide(used, count);
      completed |= static_cast<uint64_t>(Lanes::mask_64(used)) << 8 * i;
      held = Lanes::where_64(used, spilled, words[i]);
      used = Lanes::bit_and(used, Lanes::set_wide(63));
    }
    held_ = held;
    used_ = used;
    store(words, completed);
  }

  // The last word of each stream, in part. lengths[Lanes::stream_lane(half, i)] receives the bytes of stream i.
  void finish(uint8_t* const out[], int half, uint32_t lengths[]) {
    alignas(64) uint64_t word[kStreams], used[kStreams];
    Lanes::store_wide(word, Lanes::swap_bytes(held_));
    Lanes::store_wide(used, used_);
    for (int i = 0; i < kStreams; i++) {
      const int lane = Lanes::stream_lane(half, i);
      std::memcpy(next_[i], &word[i], sizeof word[i]);
      lengths[lane] = static_cast<uint32_t>(next_[i] - out[lane]) + static_cast<uint32_t>((used[i] + 7) / 8);
    }
  }

 private:
  // Bit i of byte a: append a completed the word of stream i.
  void store(Wide words[kStreams], uint64_t completed) {
    Lanes::transpose_wide(words);
    for (int i = 0; i < kStreams; i++) {
      const uint64_t own = _pext_u64(completed, uint64_t{0x0101010101010101} << i);
      Lanes::store_words(next_[i], Lanes::squeeze(Lanes::swap_bytes(words[i]), own));
      next_[i] += 8 * __builtin_popcountll(own);
    }
  }

  Wide held_;  // the bits that are not yet a whole word, at the top
  Wide used_;  // how many, 0 to 63
  uint8_t* next_[kStreams];
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

// What is to be appended to all streams, gathered until there is enough for one transposition.
class Pieces {
 public:
  void open(uint8_t* const out[]) {
    kept_ = 0;
    low_.open(out, 0);
    high_.open(out, 1);
  }

  // The `length` uppermost bits of upper and lower, 0 to 64; those below are 0. At most kRoom calls between two drains.
  void push(Int upper, Int lower, Int length) {
    upper_[kept_] = upper;
    lower_[kept_] = lower;
    length_[kept_++] = length;
  }

  void drain() {
    int done = 0;
    for (; done + kBatch <= kept_; done += kBatch) append_batch(done);
    kept_ -= done;
    if (done == 0) return;
    for (int i = 0; i < kept_; i++) {
      upper_[i] = upper_[done + i];
      lower_[i] = lower_[done + i];
      length_[i] = length_[done + i];
    }
  }

  void finish(uint8_t* const out[], uint32_t lengths[]) {
    while (kept_ % kBatch != 0) push(Lanes::set(0), Lanes::set(0), Lanes::set(0));
    drain();
    low_.finish(out, 0, lengths);
    high_.finish(out, 1, lengths);
  }

 private:
  static constexpr int kBatch = WordStreams::kStreams;
  static constexpr int kRoom = 2 + 3 * kRiceBlock;  // the first pixel, a level, and every code of a block in three pieces

  void append_batch(int first) {
    low_.append_all<0>(upper_ + first, lower_ + first, length_ + first);
    high_.append_all<1>(upper_ + first, lower_ + first, length_ + first);
  }

  Int upper_[kBatch + kRoom], lower_[kBatch + kRoom], length_[kBatch + kRoom];
  int kept_;
  WordStreams low_;
  WordStreams high_;
};

class LaneEncoder {
 public:
  // Must precede the first block: pixels are written as differences to the one before. out[lane] receives a tile.
  void open(uint8_t* const out[], Int first_pixel) {
    pieces_.open(out);
    pixel_sum_ = Lanes::set(0);
    previous_ = first_pixel;
    push({first_pixel, Lanes::set(32)});
  }

  // The next 1 to 32 pixels of every lane, pixels[j * kChannels]. False when one is negative or too large for this form:
  // what was written is then to be discarded.
  bool encode_block(const int32_t* pixels, int n) {
    Int values[kRiceBlock];
    Int sum = Lanes::set(0);
    Int all = Lanes::set(0);
    Int previous = previous_, pixel_sum = pixel_sum_;
    for (int j = 0; j < n; j++) {
      const Int pixel = Lanes::load(pixels + j * kChannels);
      const Int difference = Lanes::subtract(pixel, previous);
      values[j] = Lanes::bit_xor(Lanes::add(difference, difference), Lanes::sign(difference));
      sum = Lanes::add(sum, values[j]);
      all = Lanes::bit_or(all, pixel);
      pixel_sum = Lanes::add(pixel_sum, pixel);
      previous = pixel;
    }
    previous_ = previous;
    pixel_sum_ = pixel_sum;
    if (Lanes::any_bit(all, ~((1u << kPixelBits) - 1))) return false;
    const BlockCode block(split_of_lanes(sum, n), sum);
    if (n == kRiceBlock) {
      push_four<true>(block, values);
      for (int j = 4; j < kRiceBlock; j += 4) push_four<false>(block, values + j);
    } else {
      push({block.level, Lanes::set(kLevelBits)});
      for (int j = 0; j < n; j++) push_one(block, values[j]);
    }
    pieces_.drain();
    return true;
  }

  void finish(uint8_t* const out[], uint32_t lengths[]) { pieces_.finish(out, lengths); }

  // Of all blocks so far, modulo 2^32.
  Int pixel_sum() const { return pixel_sum_; }

 private:
  // With pixels below 2^24 a difference has at most 25 bits as a zigzag value: the sum of 32 fits a lane, and no block is
  // raw. The camera's pixels have 18 bits.
  static constexpr int kPixelBits = 24;
  static_assert(kPixelBits < kRawSplit);

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

  // Four codes as one piece when two and two of them are short enough in every lane. The block's level stands before its
  // first code.
  template <bool kFirst>
  void push_four(const BlockCode& block, const Int values[4]) {
    const Bits level = {block.level, Lanes::set(kLevelBits)};
    const Bits code = block.code(values[0]);
    const Bits first = join(kFirst ? join(level, code) : code, block.code(values[1]));
    const Bits second = join(block.code(values[2]), block.code(values[3]));
    if (!Lanes::any_greater(Lanes::max(first.length, second.length), 32)) {
      push_both(first, second);
      return;
    }
    if (kFirst) push(level);
    push_two(block, values);
    push_two(block, values + 2);
  }

  void push_two(const BlockCode& block, const Int values[2]) {
    const Bits a = block.code(values[0]), b = block.code(values[1]);
    if (!Lanes::any_greater(Lanes::max(a.length, b.length), 32)) {
      push_both(a, b);
      return;
    }
    push_one(block, values[0]);
    push_one(block, values[1]);
  }

  void push_one(const BlockCode& block, Int value) {
    const Bits code = block.code(value);
    if (!Lanes::any_greater(code.length, 32)) {
      push(code);
      return;
    }
    // At most 80 zeros stand before a 1 (that many only at split 0); a code without them has at most 32 bits.
    const Int zeros = block.zeros(value);
    const Int some = Lanes::min(zeros, Lanes::set(40));
    pieces_.push(Lanes::set(0), Lanes::set(0), some);
    pieces_.push(Lanes::set(0), Lanes::set(0), Lanes::subtract(zeros, some));
    push({code.value, block.level});
  }

  // At most 32 bits in every lane.
  void push(Bits bits) {
    pieces_.push(Lanes::shift_left(bits.value, Lanes::subtract(Lanes::set(32), bits.length)), Lanes::set(0), bits.length);
  }

  // Each at most 32 bits: moved to the top of 32, then the second one behind the first in 64.
  void push_both(Bits first, Bits second) {
    const Int free = Lanes::subtract(Lanes::set(32), first.length);
    const Int head = Lanes::shift_left(first.value, free);
    const Int tail = Lanes::shift_left(second.value, Lanes::subtract(Lanes::set(32), second.length));
    const Int upper = Lanes::bit_or(head, Lanes::shift_right(tail, first.length));
    pieces_.push(upper, Lanes::shift_left(tail, free), Lanes::add(first.length, second.length));
  }

  // Right as long as both together have at most 32 bits.
  static Bits join(Bits a, Bits b) {
    return {Lanes::bit_or(Lanes::shift_left(a.value, b.length), b.value), Lanes::add(a.length, b.length)};
  }

  Pieces pieces_;
  Int previous_;
  Int pixel_sum_;
};

// Lanes::kCount segments of the row from the first lane of `stripes`; false when they are to be encoded by the scalar
// form.
inline bool encode_lanes(const int32_t* stripes, int columns, uint8_t* const out[], uint32_t length[]) {
  LaneEncoder encoder;
  encoder.open(out, Lanes::load(stripes));
  for (int first = 0; first < columns; first += kRiceBlock) {
    const int n = columns - first < kRiceBlock ? columns - first : kRiceBlock;
    const int32_t* block = stripes + static_cast<size_t>(first) * kChannels;
    // Reading comes in bursts with much computing between, too far apart for the processor to look ahead by itself. To the
    // second cache: what is fetched so early would push the block's own work out of the nearest.
    for (int j = 0; j < n; j++) __builtin_prefetch(block + (3 * kRiceBlock + j) * kChannels, 0, 1);
    if (!encoder.encode_block(block, n)) return false;
  }
  encoder.finish(out, length);
  return true;
}

}  // namespace
}  // namespace ccarchiver
