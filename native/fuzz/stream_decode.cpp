// Any packed words of one row: every form makes the same tiles of both products, and the raw tiles decode to the pixels that the words say.
#include <cstdint>
#include <cstring>
#include <vector>

#include "../core/kernels.h"
#include "../test/support/layouts.h"

using namespace ccarchiver;

namespace {

constexpr size_t kSlack = 64;  // readable behind the words

// The tiles of one product and the memory that they stand in.
struct Made {
  explicit Made(int columns) : room(rice_row_bound(columns)), bytes(room * kChannels) {
    for (size_t f = 0; f < kChannels; f++) row.out[f] = bytes.data() + f * room;
  }

  size_t room;
  std::vector<uint8_t> bytes;
  TileRow row = {};
};

Crosstalk coefficients(uint8_t seed) {
  Crosstalk crosstalk = {};
  for (int s = 0; s < kChannels; s++) {
    for (int t = 0; t < kChannels; t++) {
      crosstalk.linear[s][t] = s == t ? 0.0f : static_cast<float>(seed % 16) * 0.01f;
      crosstalk.quadratic[s][t] = static_cast<float>(seed / 16) * 1e-7f;
    }
  }
  return crosstalk;
}

void require_same(const Made& a, const Made& b, int segments) {
  for (size_t f = 0; f < static_cast<size_t>(segments); f++) {
    const uint32_t length = a.row.length[f];
    if (length != b.row.length[f] || a.row.pixel_sum[f] != b.row.pixel_sum[f]) __builtin_trap();
    if (std::memcmp(a.row.out[f], b.row.out[f], length) != 0) __builtin_trap();
  }
}

void require_pixels(const Made& raw, int segments, int columns, const int32_t* stripes) {
  std::vector<int32_t> pixels(static_cast<size_t>(columns));
  for (size_t f = 0; f < static_cast<size_t>(segments); f++) {
    if (rice_decode(raw.row.out[f], raw.row.length[f], columns, 32, pixels.data()) != nullptr) __builtin_trap();
    for (size_t column = 0; column < pixels.size(); column++) {
      if (pixels[column] != stripes[column * kChannels + f]) __builtin_trap();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  const int columns = 4 + data[0] % 100;
  const std::vector<test::NamedLayout> boards = test::all_layouts(columns);
  const SourceLayout& layout = boards[data[1] % boards.size()].layout;
  const Crosstalk crosstalk = coefficients(data[2]);
  const int ccd = data[3] % layout.ccd_count;
  const int segments = layout.ccd[ccd].segments;
  std::vector<uint8_t> packed(layout.row_bytes() + kSlack);
  for (size_t i = 0; size > 4 && i < layout.row_bytes(); i++) packed[i] = data[4 + i % (size - 4)];
  std::vector<int32_t> stripes(static_cast<size_t>(columns) * kChannels), corrected(stripes.size());
  force_cpu(Cpu::kScalar);
  Made first_raw(columns), first_corrected(columns);
  encode_tiles({layout, ccd, &crosstalk, packed.data(), stripes.data(), corrected.data()}, &first_raw.row, &first_corrected.row);
  unpack_row(layout, ccd, packed.data(), stripes.data());
  require_pixels(first_raw, segments, columns, stripes.data());
  for (const Cpu cpu : {Cpu::kAvx2, Cpu::kAvx512}) {
    if (!force_cpu(cpu)) continue;
    Made raw(columns), both(columns);
    encode_tiles({layout, ccd, &crosstalk, packed.data(), stripes.data(), corrected.data()}, &raw.row, &both.row);
    require_same(first_raw, raw, segments);
    require_same(first_corrected, both, segments);
  }
  return 0;
}
