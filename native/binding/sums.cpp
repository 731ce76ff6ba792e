// dataSum, sealHeader, crc32, crc32Combine.
#include <algorithm>
#include <vector>

#include "../core/cards.h"
#include "../core/checksum.h"
#include "arguments.h"
#include "groups.h"

namespace ccarchiver::binding {

namespace {

constexpr int64_t kMaxWord = 0xffffffff;
constexpr int64_t kMaxSafeInteger = 9007199254740991;

uint32_t word(const Napi::Value& value, const char* name) { return static_cast<uint32_t>(integer(value, name, 0, kMaxWord)); }

uint32_t seed(const Napi::Value& value) { return value.IsUndefined() ? 0 : word(value, "seed"); }

Napi::Value js_data_sum(const Napi::CallbackInfo& info) {
  const std::span<uint8_t> data = bytes(info[0], "data");
  if (data.size() % 4 != 0) throw bad_argument("data of " + std::to_string(data.size()) + " bytes are not whole 32-bit words");
  return Napi::Number::New(info.Env(), data_sum(data.data(), data.size(), seed(info[1])));
}

Napi::Value js_seal_header(const Napi::CallbackInfo& info) {
  const std::span<uint8_t> cards = bytes(info[0], "cards");
  std::vector<uint8_t> whole(header_bytes(cards));
  Header(whole.data(), cards).seal(0);
  std::copy_n(whole.begin(), cards.size(), cards.begin());
  return info.Env().Undefined();
}

Napi::Value js_crc32(const Napi::CallbackInfo& info) {
  const std::span<uint8_t> data = bytes(info[0], "data");
  return Napi::Number::New(info.Env(), crc32(data.data(), data.size(), seed(info[1])));
}

Napi::Value js_crc32_combine(const Napi::CallbackInfo& info) {
  const int64_t bytes_b = integer(info[2], "lengthB", 0, kMaxSafeInteger);
  return Napi::Number::New(info.Env(), crc32_combine(word(info[0], "a"), word(info[1], "b"), static_cast<uint64_t>(bytes_b)));
}

}  // namespace

void register_sums(Napi::Object& exports) {
  define<js_data_sum>(exports, "dataSum");
  define<js_seal_header>(exports, "sealHeader");
  define<js_crc32>(exports, "crc32");
  define<js_crc32_combine>(exports, "crc32Combine");
}

}  // namespace ccarchiver::binding
