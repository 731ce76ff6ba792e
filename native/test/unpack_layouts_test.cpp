// Every kind of board unpacks bit by bit as the raw format says, at every width, and packing is the exact inverse.
#include <cstring>
#include <vector>

#include "../core/kernels.h"
#include "support/guarded.h"
#include "support/layouts.h"
#include "support/random.h"
#include "support/run.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

constexpr size_t kSlack = 64;

// The raw format taken at its word: value bit i of channel c is bit 18 c + i of the group, counted from bit 0 of byte
// 0.
int32_t pixel_by_bits(const SourceLayout& layout, int ccd, const uint8_t* packed, int column, int f) {
  const CcdLayout& at = layout.ccd[ccd];
  if (f >= at.segments) return 0;
  const uint8_t* group = packed + (column * layout.groups + at.group) * kGroupBytes;
  uint32_t raw = 0;
  for (int i = 0; i < 18; i++) {
    const int bit = 18 * at.channel[f] + i;
    raw |= static_cast<uint32_t>(group[bit / 8] >> (bit % 8) & 1) << i;
  }
  return static_cast<int32_t>(raw ^ layout.xor_mask);
}

bool unpacks_by_bits(const SourceLayout& layout, int ccd, const uint8_t* packed) {
  Guarded<int32_t> stripes(static_cast<size_t>(layout.columns) * kChannels);
  std::memset(stripes.data(), 0xee, static_cast<size_t>(layout.columns) * kChannels * sizeof(int32_t));
  unpack_row(layout, ccd, packed, stripes.data());
  for (int column = 0; column < layout.columns; column++) {
    for (int f = 0; f < kChannels; f++) {
      if (stripes.data()[column * kChannels + f] != pixel_by_bits(layout, ccd, packed, column, f)) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("every board's CCDs unpack as the raw format says, within the row and its slack") {
  Random random(1);
  on_each_cpu([&] {
    for (int columns : {1, 2, 3, 5, 31, 32, 50, 100, 575, 576, 600}) {
      for (const NamedLayout& board : all_layouts(columns)) {
        INFO(board.name, " columns ", columns);
        const std::vector<uint8_t> bytes = random.bytes(board.layout.row_bytes() + kSlack);
        Guarded<uint8_t> packed(bytes.data(), bytes.size());
        for (int ccd = 0; ccd < board.layout.ccd_count; ccd++) CHECK(unpacks_by_bits(board.layout, ccd, packed.data()));
      }
    }
  });
}

TEST_CASE("packing unpacked pixels gives the bytes they came from") {
  Random random(2);
  for (int columns : {1, 7, 576}) {
    for (const NamedLayout& board : all_layouts(columns)) {
      INFO(board.name, " columns ", columns);
      std::vector<uint8_t> packed = random.bytes(board.layout.row_bytes() + kSlack);
      std::vector<std::vector<int32_t>> ccds(kMaxCcds, std::vector<int32_t>(static_cast<size_t>(columns) * kChannels));
      for (int ccd = 0; ccd < board.layout.ccd_count; ccd++)
        unpack_row(board.layout, ccd, packed.data(), ccds[static_cast<size_t>(ccd)].data());
      const int32_t* const stripes[] = {ccds[0].data(), ccds[1].data(), ccds[2].data()};
      Guarded<uint8_t> again(board.layout.row_bytes());
      pack_row(board.layout, stripes, again.data());
      CHECK(std::memcmp(again.data(), packed.data(), board.layout.row_bytes()) == 0);
    }
  }
}

TEST_CASE("packing keeps the lower 18 bits of a value and no more") {
  const SourceLayout layout = science_layout(1);
  std::vector<int32_t> pixels(kChannels, -1);
  const std::vector<int32_t> zeros(kChannels, 0);
  const int32_t* const stripes[] = {zeros.data(), pixels.data(), zeros.data()};
  std::vector<uint8_t> packed(layout.row_bytes() + kSlack);
  pack_row(layout, stripes, packed.data());
  std::vector<int32_t> unpacked(kChannels);
  unpack_row(layout, 1, packed.data(), unpacked.data());
  CHECK(unpacked == std::vector<int32_t>(kChannels, kMaxPixel));
  unpack_row(layout, 0, packed.data(), unpacked.data());
  CHECK(unpacked == zeros);
}
