// Runs of RICE_1 tiles, as many side by side as two vectors have lanes. Included after a decode_lanes_*.h. Gives the
// pixels and the verdicts of the scalar form.
#pragma once
#include "kernel_set.h"
#include "rice_lane_reader.h"

namespace ccarchiver {
namespace {

constexpr size_t kLanes = DecodeLanes::kCount;
constexpr size_t kGroup = 2 * kLanes;

// Fetches the memory of the next group while this one is decoded. So many tiles are read and so many rows written at
// once, and all are so short, that the processor does not see where they go on.
class NextGroup {
 public:
  NextGroup(const TileRun& run, size_t row, size_t next) noexcept
      : tiles_(reinterpret_cast<uintptr_t>(run.heap) + span_of(run, next).offset),
        rows_(reinterpret_cast<uintptr_t>(run.out + next * static_cast<size_t>(run.columns))) {
    const TileSpan first = span_of(run, row), last = span_of(run, row + kGroup - 1);
    const size_t steps = static_cast<size_t>(run.columns) / kStep + 1;
    const size_t bytes = (last.offset + last.bytes - first.offset) / steps + 1;
    tile_bytes_ = bytes < 2 * kRowBytes ? bytes : 2 * kRowBytes;
  }

  // To be called once per step of the group. An address that is not there does no harm.
  void fetch() noexcept {
    for (size_t at = 0; at < tile_bytes_; at += kLine) __builtin_prefetch(reinterpret_cast<const void*>(tiles_ + at));
    for (size_t at = 0; at < kRowBytes; at += kLine) __builtin_prefetch(reinterpret_cast<const void*>(rows_ + at));
    tiles_ += tile_bytes_;
    rows_ += kRowBytes;
  }

 private:
  static constexpr size_t kLine = 64;
  static constexpr size_t kRowBytes = kGroup * kStep * sizeof(int32_t);

  uintptr_t tiles_;
  uintptr_t rows_;
  size_t tile_bytes_;
};

// kCount pixels of each lane, to rows `stride` apart.
inline void store_square(const Int pixels[], int32_t* out, size_t stride) noexcept {
  Wide pairs[2][kHalf];
  for (int i = 0; i < kHalf; i++) {
    pairs[0][i] = DecodeLanes::words<0>(pixels[2 * i], pixels[2 * i + 1]);
    pairs[1][i] = DecodeLanes::words<1>(pixels[2 * i], pixels[2 * i + 1]);
  }
  for (int half = 0; half < 2; half++) {
    DecodeLanes::transpose_wide(pairs[half]);
    for (int i = 0; i < kHalf; i++) {
      int32_t* const row = out + static_cast<size_t>(DecodeLanes::stream_lane(half, i)) * stride;
      DecodeLanes::store_words(reinterpret_cast<uint8_t*>(row), pairs[half][i]);
    }
  }
}

// The first n of them.
inline void store_part(Int pixels[], int n, int32_t* out, size_t stride) noexcept {
  for (size_t j = static_cast<size_t>(n); j < kLanes; j++) pixels[j] = pixels[0];
  int32_t square[kLanes * kLanes];
  store_square(pixels, square, kLanes);
  for (size_t i = 0; i < kLanes; i++) {
    std::memcpy(out + i * stride, square + i * kLanes, static_cast<size_t>(n) * sizeof *out);
  }
}

// Two readers take turns: while one waits for its memory, the other works.
struct Group {
  Group(const TileRun& run, size_t row) noexcept
      : first(run, row),
        second(run, row + kLanes),
        out(run.out + row * static_cast<size_t>(run.columns)),
        stride(static_cast<size_t>(run.columns)) {}

  void begin_block() noexcept {
    first.begin_block();
    second.begin_block();
  }

  // kCount pixels of each tile from `column` on.
  void decode_square(int column, NextGroup& next) noexcept {
    Int upper[kLanes], lower[kLanes];
    for (size_t j = 0; j < kLanes; j += kStep) {
      next.fetch();
      first.step(upper + j);
      second.step(lower + j);
    }
    store_square(upper, out + column, stride);
    store_square(lower, out + column + kLanes * stride, stride);
  }

  // n pixels, fewer than kCount.
  void decode_part(int column, int n) noexcept {
    Int upper[kLanes], lower[kLanes];
    first.read(n, upper);
    second.read(n, lower);
    store_part(upper, n, out + column, stride);
    store_part(lower, n, out + column + kLanes * stride, stride);
  }

  // A bit for each row whose tile was decoded.
  uint64_t whole() const noexcept { return first.whole() | static_cast<uint64_t>(second.whole()) << kLanes; }

  LaneReader first;
  LaneReader second;
  int32_t* out;
  size_t stride;
};

inline uint64_t decode_group(const TileRun& run, size_t row, size_t next_row) noexcept {
  Group group(run, row);
  NextGroup next(run, row, next_row);
  int column = 0;
  for (; column + DecodeLanes::kCount <= run.columns; column += DecodeLanes::kCount) {
    if (column % kRiceBlock == 0) group.begin_block();
    group.decode_square(column, next);
  }
  if (column < run.columns) {
    if (column % kRiceBlock == 0) group.begin_block();
    group.decode_part(column, run.columns - column);
  }
  return group.whole();
}

using DecodeTiles = TileDamage(const TileRun&) noexcept;

// `fewer` decodes runs of fewer rows than a group has.
inline TileDamage decode_in_lanes(const TileRun& run, DecodeTiles* fewer) noexcept {
  if (run.rows < kGroup || run.block_size != kRiceBlock || run.columns < 1) return fewer(run);
  const size_t last = run.rows - kGroup;
  for (size_t at = 0; at < run.rows; at += kGroup) {
    const size_t row = at < last ? at : last;  // the last group may decode rows once more
    const size_t next = row + kGroup < last ? row + kGroup : last;
    const uint64_t decoded = decode_group(run, row, next);
    for (size_t i = 0; i < kGroup; i++) {
      if (decoded >> i & 1) continue;
      const TileDamage damage = scalar::decode_tiles(part_of(run, row + i, 1));
      if (damage.problem != nullptr) return {row + i, damage.problem};
    }
  }
  return {0, nullptr};
}

}  // namespace
}  // namespace ccarchiver
