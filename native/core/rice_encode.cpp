#include <cstring>

#include "kernel_set.h"
#include "rice.h"

namespace ccarchiver {

namespace {

// Writes bits from the most significant down. Fewer than 8 are held between appends; each append stores 8 bytes, of
// which later ones are overwritten.
class BitWriter {
 public:
  explicit BitWriter(uint8_t* out) noexcept : begin_(out), next_(out) {}

  // 0 < count <= 56; value < 2^count.
  void append(uint64_t value, int count) noexcept {
    held_ |= value << (64 - used_ - count);
    used_ += count;
    store();
    next_ += used_ / 8;
    held_ <<= used_ & ~7;
    used_ &= 7;
  }

  // zeros 0, a 1, then the lower `split` bits of low.
  void append_code(uint32_t zeros, uint32_t low, int split) noexcept {
    for (; zeros + static_cast<uint32_t>(split) >= 56; zeros -= 24) append(0, 24);
    append((1u << split) | low, static_cast<int>(zeros) + 1 + split);
  }

  uint32_t bytes() const noexcept { return static_cast<uint32_t>(next_ - begin_) + (used_ > 0); }

 private:
  void store() noexcept {
    const uint64_t big_endian = __builtin_bswap64(held_);
    std::memcpy(next_, &big_endian, sizeof big_endian);
  }

  uint8_t* begin_;
  uint8_t* next_;
  uint64_t held_ = 0;  // the used_ bits that are not yet a whole byte, at the top
  int used_ = 0;
};

void append_block(BitWriter& writer, const uint32_t values[], int n, uint64_t sum) noexcept {
  const int split = split_of(sum, n);
  if (split >= kRawSplit) {
    writer.append(kRawLevel, kLevelBits);
    for (int j = 0; j < n; j++) writer.append(values[j], 32);
  } else if (sum == 0) {
    writer.append(kZeroLevel, kLevelBits);
  } else {
    writer.append(static_cast<uint32_t>(split) + 1, kLevelBits);
    const uint32_t mask = (1u << split) - 1;
    for (int j = 0; j < n; j++) writer.append_code(values[j] >> split, values[j] & mask, split);
  }
}

// One segment of a row: pixels stand kChannels apart.
uint32_t encode_segment(const int32_t* pixels, int columns, uint8_t* out) noexcept {
  BitWriter writer(out);
  uint32_t previous = static_cast<uint32_t>(pixels[0]);
  writer.append(previous, 32);
  for (int first = 0; first < columns; first += kRiceBlock) {
    const int n = columns - first < kRiceBlock ? columns - first : kRiceBlock;
    uint32_t values[kRiceBlock];
    uint64_t sum = 0;
    for (int j = 0; j < n; j++, pixels += kChannels) {
      const uint32_t pixel = static_cast<uint32_t>(*pixels);
      values[j] = zigzag(pixel - previous);
      sum += values[j];
      previous = pixel;
    }
    append_block(writer, values, n, sum);
  }
  return writer.bytes();
}

}  // namespace

size_t rice_row_bound(int columns) noexcept {
  const size_t blocks = (static_cast<size_t>(columns) + kRiceBlock - 1) / kRiceBlock;
  constexpr size_t kStoreSlack = 64;
  return 4 + (blocks * (kLevelBits + kRiceBlock * 32) + 7) / 8 + kStoreSlack;
}

void scalar::rice_encode_row(const int32_t* stripes, int columns, int segments, uint8_t* const out[],
                             uint32_t length[]) noexcept {
  for (int f = 0; f < segments; f++) length[f] = encode_segment(stripes + f, columns, out[f]);
}

}  // namespace ccarchiver
