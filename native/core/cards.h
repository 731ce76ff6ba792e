// The few FITS cards whose values only the pixels decide, set in place (FITS standard 4.0, 4.1, 4.2 and 4.4.2.7).
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ccarchiver {

inline constexpr size_t kCardBytes = 80;
inline constexpr size_t kFitsBlock = 2880;

constexpr size_t round_to_fits_block(size_t bytes) { return (bytes + kFitsBlock - 1) / kFitsBlock * kFitsBlock; }

// Bytes of a header with these cards and END, padded. Throws NATIVE_ARGUMENT unless `cards` is one or more whole cards.
size_t header_bytes(std::span<const uint8_t> cards);

// A whole header in memory: cards, END and blanks to a multiple of 2880 bytes. A view; the bytes belong to the caller.
class Header {
 public:
  // Writes the header to `at`, which holds header_bytes(cards).
  Header(uint8_t* at, std::span<const uint8_t> cards);

  // The value goes to columns 11 to 30, the comment stays. Throws NATIVE_ARGUMENT when there is no fixed-format card of that keyword.
  void set_integer(std::string_view keyword, int64_t value);
  void set_string(std::string_view keyword, std::string_view value);

  // Fills DATASUM and CHECKSUM of an HDU whose data sum to `sum` (FITS standard 4.0, appendix J); returns the value of CHECKSUM.
  std::string seal(uint32_t sum);

  std::span<const uint8_t> bytes() const { return bytes_; }

 private:
  char* value_field(std::string_view keyword);

  std::span<uint8_t> bytes_;
};

}  // namespace ccarchiver
