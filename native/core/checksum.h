// FITS sums and CRC-32.
#pragma once
#include <cstddef>
#include <cstdint>

namespace ccarchiver {

// Ones'-complement sum of big-endian 32-bit words (FITS standard 4.0, appendix J); bytes is a multiple of 4; seed continues an earlier sum.
uint32_t data_sum(const void* data, size_t bytes, uint32_t seed = 0) noexcept;
// A sum of `pairs` pairs of such words that leaves the same remainder modulo 2^32 - 1, not folded.
uint64_t sum_words(const uint8_t* words, size_t pairs) noexcept;
// Folds a 64-bit sum of words to the ones'-complement 32-bit sum.
uint32_t fold_sum(uint64_t sum) noexcept;
// The 16 ASCII characters of a CHECKSUM value: complement is true for the stored keyword.
void encode_checksum(uint32_t sum, bool complement, char out[16]) noexcept;

// CRC-32 IEEE 802.3 (zlib), seed = 0 at the start.
uint32_t crc32(const void* data, size_t bytes, uint32_t seed = 0) noexcept;
uint32_t crc32_combine(uint32_t a, uint32_t b, uint64_t bytes_b) noexcept;

}  // namespace ccarchiver
