#include "cards.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "checksum.h"
#include "failure.h"

namespace ccarchiver {

namespace {

constexpr size_t kKeywordBytes = 8;
constexpr size_t kValueColumn = 10;  // 0-based
constexpr size_t kValueBytes = 20;
constexpr size_t kMinimumString = 8;  // characters between the quotes (FITS standard 4.0, 4.2.1.1)

}  // namespace

size_t header_bytes(std::span<const uint8_t> cards) {
  if (cards.empty() || cards.size() % kCardBytes != 0) {
    throw bad_argument("cards of " + std::to_string(cards.size()) + " bytes are not whole cards of 80");
  }
  return round_to_fits_block(cards.size() + kCardBytes);
}

Header::Header(uint8_t* at, std::span<const uint8_t> cards) : bytes_(at, header_bytes(cards)) {
  uint8_t* end = std::copy(cards.begin(), cards.end(), at);
  end = std::copy_n("END", 3, end);
  std::fill(end, at + bytes_.size(), ' ');
}

void Header::set_integer(std::string_view keyword, int64_t value) {
  const std::string digits = std::to_string(value);
  char* field = value_field(keyword);
  std::fill_n(field, kValueBytes, ' ');
  std::copy(digits.begin(), digits.end(), field + kValueBytes - digits.size());
}

void Header::set_string(std::string_view keyword, std::string_view value) {
  char* field = value_field(keyword);
  std::fill_n(field, kValueBytes, ' ');
  *field = '\'';
  std::copy(value.begin(), value.end(), field + 1);
  field[1 + std::max(value.size(), kMinimumString)] = '\'';
}

std::string Header::seal(uint32_t sum) {
  set_string("DATASUM", std::to_string(sum));
  std::string checksum(16, '0');
  set_string("CHECKSUM", checksum);
  encode_checksum(data_sum(bytes_.data(), bytes_.size(), sum), true, checksum.data());
  set_string("CHECKSUM", checksum);
  return checksum;
}

char* Header::value_field(std::string_view keyword) {
  std::string start(keyword);
  start.resize(kKeywordBytes, ' ');
  start += "= ";
  for (size_t card = 0; card < bytes_.size(); card += kCardBytes) {
    char* text = reinterpret_cast<char*>(bytes_.data() + card);
    if (std::equal(start.begin(), start.end(), text)) return text + kValueColumn;
  }
  throw bad_argument("the header has no card " + std::string(keyword) + " to fill");
}

}  // namespace ccarchiver
