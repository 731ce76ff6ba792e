#include "checksum.h"

#include <cstring>

#include "kernel_set.h"

namespace ccarchiver {

namespace {

uint64_t load_big_endian(const uint8_t* bytes) noexcept {
  uint64_t value;
  std::memcpy(&value, bytes, sizeof value);
  return __builtin_bswap64(value);
}

// The characters between the digits and the letters that a CHECKSUM value does not use (FITS standard 4.0, appendix
// J.2).
bool is_punctuation(uint8_t character) noexcept {
  return (character > '9' && character < 'A') || (character > 'Z' && character < 'a');
}

// Four characters that sum to 4 * '0' + byte, none of them punctuation: moving 1 from one character of a pair to the
// other keeps their sum.
void encode_byte(uint32_t byte, uint8_t characters[4]) noexcept {
  for (int i = 0; i < 4; i++) characters[i] = static_cast<uint8_t>('0' + byte / 4);
  characters[0] = static_cast<uint8_t>(characters[0] + byte % 4);
  for (int pair = 0; pair < 4; pair += 2) {
    while (is_punctuation(characters[pair]) || is_punctuation(characters[pair + 1])) {
      characters[pair]++;
      characters[pair + 1]--;
    }
  }
}

}  // namespace

uint32_t fold_sum(uint64_t sum) noexcept {
  while (sum >> 32 != 0) sum = (sum & 0xffffffffu) + (sum >> 32);
  return static_cast<uint32_t>(sum);
}

// 2^32 - 1 divides 2^64 - 1, so pairs of words may be added as 64-bit words with the carry brought round.
uint64_t scalar::sum_words(const uint8_t* at, size_t pairs) noexcept {
  uint64_t sum = 0;
  uint64_t carries = 0;
  for (; pairs > 0; pairs--, at += 8) {
    const uint64_t pair = load_big_endian(at);
    sum += pair;
    carries += sum < pair;
  }
  return static_cast<uint64_t>(fold_sum(sum)) + fold_sum(carries);
}

uint32_t data_sum(const void* data, size_t bytes, uint32_t seed) noexcept {
  const uint8_t* at = static_cast<const uint8_t*>(data);
  uint64_t sum = static_cast<uint64_t>(seed) + fold_sum(sum_words(at, bytes / 8));
  at += bytes / 8 * 8;
  if (bytes % 8 >= 4) sum += static_cast<uint32_t>(at[0]) << 24 | at[1] << 16 | at[2] << 8 | at[3];
  return fold_sum(sum);
}

void encode_checksum(uint32_t sum, bool complement, char out[16]) noexcept {
  const uint32_t value = complement ? ~sum : sum;
  for (int i = 0; i < 4; i++) {
    uint8_t characters[4];
    encode_byte(value >> (24 - 8 * i) & 0xff, characters);
    // Character j of byte i is number 4 j + i; the value is rotated right by one because a card's value starts at
    // column 12.
    for (int j = 0; j < 4; j++) out[(4 * j + i + 1) % 16] = static_cast<char>(characters[j]);
  }
}

}  // namespace ccarchiver
