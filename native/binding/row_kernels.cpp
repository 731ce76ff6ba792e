// RowKernels of src/native/tools.ts.
#include <algorithm>
#include <cstring>

#include "../core/row_scratch.h"
#include "arguments.h"
#include "groups.h"

namespace ccarchiver::binding {

namespace {

constexpr int64_t kMaxStripeColumns = 2048;

Cpu cpu_named(const std::string& name) {
  if (name == "avx512") return Cpu::kAvx512;
  if (name == "avx2") return Cpu::kAvx2;
  if (name == "scalar") return Cpu::kScalar;
  throw bad_argument("cpu must be avx512, avx2 or scalar, not " + name);
}

// Whole rows in `stripes`.
size_t row_count(size_t values, int columns) {
  const size_t row = static_cast<size_t>(columns) * kChannels;
  if (values == 0 || values % row != 0) throw bad_argument("stripes must hold whole rows of " + std::to_string(row) + " values");
  return values / row;
}

Napi::Value js_force_cpu(const Napi::CallbackInfo& info) {
  return Napi::Boolean::New(info.Env(), force_cpu(cpu_named(text(info[0], "cpu"))));
}

Napi::Value js_encode_stripes(const Napi::CallbackInfo& info) {
  const std::span<int32_t> stripes = pixels(info[0], "stripes");
  SourceLayout layout;
  layout.columns = static_cast<int>(integer(info[1], "columns", 1, kMaxStripeColumns));
  const std::span<uint8_t> tiles = bytes(info[2], "tiles");
  const std::span<int32_t> lengths = pixels(info[3], "lengths");
  const size_t rows = row_count(stripes.size(), layout.columns);
  if (lengths.size() != rows * kChannels) throw bad_argument("lengths must hold one value per tile");
  RowScratch& scratch = row_scratch(layout);
  TileRow& made = scratch.tiles[0][0].row();
  size_t used = 0;
  for (size_t row = 0; row < rows; row++) {
    rice_encode_row(&stripes[row * static_cast<size_t>(layout.columns) * kChannels], layout.columns, kChannels, made.out, made.length);
    for (int f = 0; f < kChannels; f++) {
      if (made.length[f] > tiles.size() - used) throw bad_argument("tiles has no room for row " + std::to_string(row));
      std::memcpy(&tiles[used], made.out[f], made.length[f]);
      used += made.length[f];
    }
    std::copy_n(made.length, kChannels, &lengths[row * kChannels]);
  }
  return Napi::Number::New(info.Env(), static_cast<double>(used));
}

Napi::Value js_correct_stripes(const Napi::CallbackInfo& info) {
  const SourceLayout source = layout(info[0]);
  const int ccd = static_cast<int>(integer(info[1], "ccd", 0, source.ccd_count - 1));
  const std::span<int32_t> stripes = pixels(info[2], "stripes");
  const std::span<int32_t> corrected = pixels(info[3], "corrected");
  const size_t rows = row_count(stripes.size(), source.columns);
  if (corrected.size() != stripes.size()) throw bad_argument("corrected must be as long as stripes");
  Crosstalk crosstalk;
  if (!crosstalk_of(info[0], source, ccd, crosstalk)) throw bad_argument("the CCD has no crosstalk coefficients");
  const size_t row_values = static_cast<size_t>(source.columns) * kChannels;
  for (size_t row = 0; row < rows; row++) {
    correct_row(source, ccd, crosstalk, &stripes[row * row_values], &corrected[row * row_values]);
  }
  return info.Env().Undefined();
}

}  // namespace

void register_row_kernels(Napi::Object& exports) {
  define<js_force_cpu>(exports, "forceCpu");
  define<js_encode_stripes>(exports, "encodeStripes");
  define<js_correct_stripes>(exports, "correctStripes");
}

}  // namespace ccarchiver::binding
