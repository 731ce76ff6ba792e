#include <cstring>

#include "kernel_set.h"
#include "rice.h"

namespace ccarchiver {

namespace {

constexpr const char* kTruncated = "the Rice tile ends before its last pixel";
constexpr const char* kUnknownLevel = "the Rice tile holds a split level that is not in use";
constexpr const char* kTooWide = "the Rice tile holds a difference of more than 32 bits";
constexpr const char* kOutside = "it lies outside of the heap";
constexpr const char* kNoPixels = "the Rice tile's width and block size must be positive";

// Reads bits from the most significant down. The window's upper `held` bits are valid; the bits below them are either 0
// or the ones that follow.
class BitReader {
 public:
  BitReader(const uint8_t* begin, const uint8_t* end) noexcept : next_(begin), end_(end) {}

  // Holds at least 56 bits afterwards, or all that are left; never 64.
  void refill() noexcept {
    if (end_ - next_ >= 8) {
      uint64_t word;
      std::memcpy(&word, next_, sizeof word);
      window_ |= __builtin_bswap64(word) >> held_;
      next_ += (63 - held_) / 8;
      held_ |= 56;
      return;
    }
    for (; held_ < 56 && next_ < end_; held_ += 8) window_ |= static_cast<uint64_t>(*next_++) << (56 - held_);
  }

  int64_t held() const noexcept { return held_; }
  // The zeros before the next 1: right only when fewer than held().
  int zeros() const noexcept { return window_ == 0 ? 64 : __builtin_clzll(window_); }
  // The bits [skip, skip + count) of the window; skip + count <= held(), count <= 32.
  uint32_t peek(int skip, int count) const noexcept {
    return static_cast<uint32_t>((window_ << skip >> 1) >> (63 - count));
  }
  // count <= held().
  void drop(int count) noexcept {
    window_ <<= count;
    held_ -= count;
  }

 private:
  const uint8_t* next_;
  const uint8_t* end_;
  uint64_t window_ = 0;
  int64_t held_ = 0;
};

// A code that the window does not hold whole: it needs a refill or, for its zeros, several; or the tile ends here.
const char* read_long_code(BitReader& reader, int split, uint32_t& value) noexcept {
  uint64_t zeros = 0;
  reader.refill();
  for (; reader.zeros() >= reader.held(); reader.refill()) {
    if (reader.held() == 0) return kTruncated;
    zeros += static_cast<uint64_t>(reader.held());
    reader.drop(reader.held());
  }
  zeros += static_cast<uint64_t>(reader.zeros());
  reader.drop(reader.zeros() + 1);
  reader.refill();
  if (reader.held() < split) return kTruncated;
  if (zeros > 0xffffffffu >> split) return kTooWide;
  value = static_cast<uint32_t>(zeros) << split | reader.peek(0, split);
  reader.drop(split);
  return nullptr;
}

const char* read_codes(BitReader& reader, int split, int n, uint32_t& pixel, int32_t* out) noexcept {
  uint32_t last = pixel;
  for (int j = 0; j < n; j++) {
    if (j % 4 == 0) reader.refill();  // four codes of usual length
    uint32_t value;
    const int zeros = reader.zeros();
    const int length = zeros + 1 + split;
    if (length <= reader.held() && zeros < 32) {  // so the value is below 2^32
      value = static_cast<uint32_t>(zeros) << split | reader.peek(zeros + 1, split);
      reader.drop(length);
    } else if (const char* damage = read_long_code(reader, split, value)) {
      return damage;
    }
    last += unzigzag(value);
    out[j] = static_cast<int32_t>(last);
  }
  pixel = last;
  return nullptr;
}

const char* read_raw(BitReader& reader, int n, uint32_t& pixel, int32_t* out) noexcept {
  for (int j = 0; j < n; j++) {
    reader.refill();
    if (reader.held() < 32) return kTruncated;
    pixel += unzigzag(reader.peek(0, 32));
    reader.drop(32);
    out[j] = static_cast<int32_t>(pixel);
  }
  return nullptr;
}

const char* read_block(BitReader& reader, int n, uint32_t& pixel, int32_t* out) noexcept {
  reader.refill();
  if (reader.held() < kLevelBits) return kTruncated;
  const uint32_t level = reader.peek(0, kLevelBits);
  reader.drop(kLevelBits);
  if (level > kRawLevel) return kUnknownLevel;
  if (level == kRawLevel) return read_raw(reader, n, pixel, out);
  if (level != kZeroLevel) return read_codes(reader, static_cast<int>(level) - 1, n, pixel, out);
  for (int j = 0; j < n; j++) out[j] = static_cast<int32_t>(pixel);
  return nullptr;
}

}  // namespace

const char* rice_decode(const uint8_t* tile, size_t bytes, int columns, int block_size, int32_t* out) noexcept {
  if (columns < 1 || block_size < 1) return kNoPixels;
  BitReader reader(tile, tile + bytes);
  reader.refill();
  if (reader.held() < 32) return kTruncated;
  uint32_t pixel = reader.peek(0, 32);
  reader.drop(32);
  for (int first = 0, n = block_size; first < columns; first += n) {
    if (columns - first < n) n = columns - first;
    if (const char* damage = read_block(reader, n, pixel, out + first)) return damage;
  }
  return nullptr;
}

TileDamage scalar::decode_tiles(const TileRun& run) noexcept {
  for (size_t row = 0; row < run.rows; row++) {
    const auto [bytes, offset] = span_of(run, row);
    if (offset > run.heap_bytes || bytes > run.heap_bytes - offset) return {row, kOutside};
    int32_t* const out = run.out + row * static_cast<size_t>(run.columns);
    const char* problem = rice_decode(run.heap + offset, bytes, run.columns, run.block_size, out);
    if (problem != nullptr) return {row, problem};
  }
  return {0, nullptr};
}

}  // namespace ccarchiver
