// Reads RICE_1 tiles of consecutive rows side by side: lane = tile. Included after a decode_lanes_*.h. What is rare is
// left to the scalar form: tiles that are damaged, that hold raw differences, or that end where the heap ends.
#pragma once
#include "rice.h"
#include "tile_run.h"

namespace ccarchiver {
namespace {

using Int = DecodeLanes::Int;
using Wide = DecodeLanes::Wide;
using Mask = DecodeLanes::Mask;

constexpr int kHalf = DecodeLanes::kCount / 2;
constexpr int kStep = 4;  // codes of usual length that a window holds
constexpr int kWindowBits = 64;
constexpr int kLongestUsual = 31;  // a code that is no longer can be taken from a window's upper half
// A tile's end is looked at once in a block, so that more may be read: 32 codes of at most 30 zeros, a 1 and 24 bits,
// and a window after them.
constexpr size_t kSlack = 256;
constexpr size_t kMostBytes = 1 << 27;  // of a tile, so that the number of a bit fits a lane
constexpr uint8_t kNothing[8] = {};     // what lanes without a tile read

// Only copies of a reader ever have an address: so the compiler keeps its members in registers.
class LaneReader {
 public:
  // Of the tiles of kCount rows from `row` on.
  LaneReader(const TileRun& run, size_t row) noexcept {
    alignas(64) uint64_t begin[2][kHalf];
    alignas(64) int32_t bits[DecodeLanes::kCount];
    for (int half = 0; half < 2; half++) {
      for (int word = 0; word < kHalf; word++) {
        const int lane = DecodeLanes::stream_lane(half, word);
        const TileSpan tile = span_of(run, row + static_cast<size_t>(lane));
        const bool can_follow = tile.bytes <= kMostBytes && tile.offset <= run.heap_bytes &&
                                run.heap_bytes - tile.offset >= tile.bytes + kSlack;
        begin[half][word] = reinterpret_cast<uint64_t>(can_follow ? run.heap + tile.offset : kNothing);
        bits[lane] = can_follow ? static_cast<int32_t>(tile.bytes * 8) : 0;
      }
      begin_[half] = DecodeLanes::load_bytes(reinterpret_cast<const uint8_t*>(begin[half]));
    }
    end_ = DecodeLanes::load(bits);
    followed_ = DecodeLanes::nonzero(end_);
    pixel_ = window_at(DecodeLanes::set(0)).high;
    position_ = DecodeLanes::where(followed_, DecodeLanes::set(32));
    look();
  }

  // Takes the split levels of a block.
  void begin_block() noexcept {
    const Int level = DecodeLanes::shift_right<32 - kLevelBits>(window_.high);
    drop(DecodeLanes::either(DecodeLanes::greater(level, DecodeLanes::set(kRawSplit)), beyond_end()));
    rest_ = DecodeLanes::where(followed_, level);
    coded_ = DecodeLanes::nonzero(rest_);
    split_ = DecodeLanes::where(coded_, DecodeLanes::subtract(rest_, DecodeLanes::set(1)));
    const Int bits = DecodeLanes::set(kLevelBits);
    position_ = DecodeLanes::where(followed_, DecodeLanes::add(position_, bits));
    used_ = DecodeLanes::add(used_, bits);
    window_ = window_.after(bits);
  }

  // The next kStep pixels of each lane.
  __attribute__((always_inline)) void step(Int pixels[kStep]) noexcept {
    // Lanes without codes read a 1 again and again, whose length is 0.
    Window window = {DecodeLanes::choose(coded_, window_.high, DecodeLanes::set(INT32_MIN)), window_.low};
    Int pixel = pixel_, used = used_, lengths = DecodeLanes::set(0);
    for (int j = 0; j < kStep; j++) {
      const Int zeros = DecodeLanes::leading_zeros(window.high);
      const Int length = DecodeLanes::add(zeros, rest_);
      const Int lower = DecodeLanes::shift_left(window.high, DecodeLanes::add(zeros, DecodeLanes::set(1)));
      pixel = DecodeLanes::add(pixel, difference(zeros, lower));
      pixels[j] = pixel;
      window = window.after(length);
      used = DecodeLanes::add(used, length);
      lengths = DecodeLanes::bit_or(lengths, length);
    }
    const Mask unusual = DecodeLanes::either(DecodeLanes::greater(lengths, DecodeLanes::set(kLongestUsual)),
                                             DecodeLanes::greater(used, DecodeLanes::set(kWindowBits)));
    if (__builtin_expect(DecodeLanes::bits(unusual) != 0, 0)) {
      read(kStep, pixels);
      return;
    }
    pixel_ = pixel;
    position_ = DecodeLanes::add(position_, DecodeLanes::subtract(used, used_));
    look();
  }

  // The next n pixels of each lane, whatever the lengths of their codes.
  void read(int n, Int pixels[]) noexcept {
    LaneReader copy = *this;
    copy.read_one_by_one(n, pixels);
    *this = copy;
  }

  // A bit for each lane whose tile was followed to its end.
  uint32_t whole() const noexcept { return DecodeLanes::bits(DecodeLanes::without(followed_, beyond_end())); }

 private:
  // 64 bits of each tile; the last up to 7 may be 0 instead.
  struct Window {
    Int high, low;

    // Without the first `count` bits, count < 32.
    Window after(Int count) const noexcept {
      return {DecodeLanes::funnel(high, low, count), DecodeLanes::shift_left(low, count)};
    }
  };

  Window window_at(Int position) const noexcept {
    const Int byte = DecodeLanes::shift_right<3>(position), zero = DecodeLanes::set(0);
    const Wide half0 = DecodeLanes::gather(DecodeLanes::add_wide(begin_[0], DecodeLanes::words<0>(byte, zero)));
    const Wide half1 = DecodeLanes::gather(DecodeLanes::add_wide(begin_[1], DecodeLanes::words<1>(byte, zero)));
    const Wide bits0 = DecodeLanes::swap_bytes(half0), bits1 = DecodeLanes::swap_bytes(half1);
    const Window from_byte = {DecodeLanes::upper_lanes(bits0, bits1), DecodeLanes::lower_lanes(bits0, bits1)};
    return from_byte.after(bit_of_byte(position));
  }

  static Int bit_of_byte(Int position) noexcept { return DecodeLanes::bit_and(position, DecodeLanes::set(7)); }

  void look() noexcept {
    window_ = window_at(position_);
    used_ = bit_of_byte(position_);
  }

  // Of a code of `zeros`, a 1, and the first split_ bits of `lower`.
  Int difference(Int zeros, Int lower) const noexcept {
    return DecodeLanes::unzigzag(DecodeLanes::funnel(zeros, lower, split_));
  }

  Mask beyond_end() const noexcept { return DecodeLanes::greater(position_, end_); }

  // Follows these lanes no longer. Their positions grow by no more than the longest codes of a block, and each block
  // sets them back to the start of the tile.
  void drop(Mask lanes) noexcept {
    followed_ = DecodeLanes::without(followed_, lanes);
    coded_ = DecodeLanes::both(coded_, followed_);
  }

  __attribute__((noinline)) void read_one_by_one(int n, Int pixels[]) noexcept {
    for (int j = 0; j < n; j++) {
      Int lower;
      const Int zeros = read_zeros(lower);
      drop(DecodeLanes::nonzero(above_32_bits(zeros)));
      pixel_ = DecodeLanes::add(pixel_, difference(zeros, lower));
      pixels[j] = pixel_;
      position_ = DecodeLanes::add(position_, rest_);
    }
    look();
  }

  // Steps over the zeros of a code, in the lanes that have codes; `lower` receives what follows the 1 after them.
  Int read_zeros(Int& lower) noexcept {
    Int zeros = DecodeLanes::set(0);
    for (;;) {
      const Window window = window_at(position_);
      const Int found = DecodeLanes::leading_zeros(window.high);
      const Int some = DecodeLanes::where(coded_, DecodeLanes::min(found, DecodeLanes::set(DecodeLanes::kZeros)));
      zeros = DecodeLanes::add(zeros, some);
      position_ = DecodeLanes::add(position_, some);
      lower = window.after(DecodeLanes::add(some, DecodeLanes::set(1))).high;
      const Mask unended = DecodeLanes::greater(some, DecodeLanes::set(DecodeLanes::kZeros - 1));
      if (DecodeLanes::bits(unended) == 0) return zeros;
      drop(beyond_end());
    }
  }

  // The bits of zeros << split_ that a difference has no room for.
  Int above_32_bits(Int zeros) const noexcept {
    return DecodeLanes::shift_right(zeros, DecodeLanes::subtract(DecodeLanes::set(32), split_));
  }

  Wide begin_[2];  // the address of each tile's first byte
  Int end_;        // how many bits the tile has
  Int position_;   // the number of the bit to be read next
  Int pixel_;
  Mask followed_;
  // The block: a code is zeros, a 1 and split_ bits.
  Mask coded_;  // the lanes that have codes; the differences of the others are 0
  Int split_;
  Int rest_;  // split_ + 1; 0 in lanes without codes
  // What stands at position_, and how many bits of its eight bytes are read already.
  Window window_;
  Int used_;
};

}  // namespace
}  // namespace ccarchiver
