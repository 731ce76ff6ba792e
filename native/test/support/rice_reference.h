// RICE_1 written bit by bit from the FITS standard 4.0, 10.4.1, for any block size: slow, and independent of the
// product's encoder.
#pragma once
#include <cstdint>
#include <vector>

namespace ccarchiver::test {

class BitString {
 public:
  void append(uint64_t value, int count) {
    for (int bit = count - 1; bit >= 0; bit--) append_bit(value >> bit & 1);
  }
  void append_bit(uint64_t bit) {
    if (count_ % 8 == 0) bytes_.push_back(0);
    if (bit) bytes_.back() = static_cast<uint8_t>(bytes_.back() | 0x80 >> count_ % 8);
    count_++;
  }
  void append_zeros(int count) {
    for (int i = 0; i < count; i++) append_bit(0);
  }
  const std::vector<uint8_t>& bytes() const { return bytes_; }

 private:
  std::vector<uint8_t> bytes_;
  size_t count_ = 0;
};

inline void append_block(BitString& bits, const std::vector<uint32_t>& values) {
  double sum = 0;
  for (uint32_t value : values) sum += value;
  const double n = static_cast<double>(values.size());
  double mean = (sum - static_cast<double>(values.size() / 2) - 1) / n;
  if (mean < 0) mean = 0;
  int split = 0;
  for (uint32_t half = static_cast<uint32_t>(mean) / 2; half > 0; half /= 2) split++;
  bits.append(split >= 25 ? 26 : sum == 0 ? 0 : static_cast<uint64_t>(split + 1), 5);
  if (split < 25 && sum == 0) return;
  for (uint32_t value : values) {
    if (split >= 25) {
      bits.append(value, 32);
      continue;
    }
    for (uint32_t zeros = value >> split; zeros > 0; zeros--) bits.append_bit(0);
    bits.append_bit(1);
    bits.append(value, split);
  }
}

inline std::vector<uint8_t> rice_reference(const std::vector<int32_t>& pixels, size_t block_size) {
  BitString bits;
  bits.append(static_cast<uint32_t>(pixels[0]), 32);
  int64_t previous = pixels[0];
  for (size_t first = 0; first < pixels.size(); first += block_size) {
    std::vector<uint32_t> values;
    for (size_t i = first; i < pixels.size() && i < first + block_size; i++) {
      const int32_t difference = static_cast<int32_t>(static_cast<uint32_t>(pixels[i] - previous));  // modulo 2^32
      values.push_back(difference >= 0 ? 2u * static_cast<uint32_t>(difference)
                                       : 2u * ~static_cast<uint32_t>(difference) + 1);
      previous = pixels[i];
    }
    append_block(bits, values);
  }
  return bits.bytes();
}

}  // namespace ccarchiver::test
