// Damaged tiles are told as damaged, and no bytes whatever make the decoder touch memory beside the tile and the row.
#include <string>

#include "support/guarded.h"
#include "support/random.h"
#include "support/rice_reference.h"
#include "support/rice_rows.h"
#include "support/rice_shapes.h"
#include "support/run.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

// What the decoder says of the tile; empty when it decodes.
std::string damage_of(const Tile& tile, int columns, int block_size = 32) {
  Guarded<uint8_t> in(tile.data(), tile.size());
  Guarded<int32_t> out(columns < 0 ? 0 : static_cast<size_t>(columns));
  const char* damage = rice_decode(in.data(), tile.size(), columns, block_size, out.data());
  return damage == nullptr ? "" : damage;
}

constexpr const char* kTruncated = "the Rice tile ends before its last pixel";

}  // namespace

TEST_CASE("a tile cut at any byte is damaged") {
  Random random(10);
  for (int shape = 0; shape < kShapes; shape++) {
    const Tile tile = rice_reference(rice_row(random, shape, 200), 32);
    for (size_t bytes = 0; bytes < tile.size(); bytes++)
      REQUIRE(damage_of(Tile(tile.begin(), tile.begin() + static_cast<long>(bytes)), 200) == kTruncated);
    CHECK(damage_of(tile, 200) == "");
  }
}

TEST_CASE("random bytes never reach beside the tile or the row") {
  Random random(11);
  int decoded = 0;
  for (int round = 0; round < (full_run() ? 500000 : 20000); round++) {
    const Tile tile = random.bytes(random.below(200));
    decoded += damage_of(tile, random.between(1, 100), random.between(1, 64)).empty();
  }
  CHECK(decoded > 0);  // some random tiles are valid, so the loop reached the ends of both kinds
}

TEST_CASE("a tile with any one bit changed decodes or is told as damaged") {
  Random random(12);
  for (int shape = 0; shape < kShapes; shape++) {
    Tile tile = rice_reference(rice_row(random, shape, 70), 32);
    for (size_t bit = 0; bit < tile.size() * 8; bit++) {
      tile[bit / 8] = static_cast<uint8_t>(tile[bit / 8] ^ 1 << bit % 8);
      damage_of(tile, 70);
      tile[bit / 8] = static_cast<uint8_t>(tile[bit / 8] ^ 1 << bit % 8);
    }
  }
}

TEST_CASE("zeros without an end are a truncated tile") {
  CHECK(damage_of({0, 0, 0, 0, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 2) == kTruncated);
}

TEST_CASE("a split level above that of raw differences is damage") {
  for (int level = 27; level <= 31; level++)
    CHECK(damage_of({0, 0, 0, 0, static_cast<uint8_t>(level << 3), 0xff}, 1) ==
          "the Rice tile holds a split level that is not in use");
}

TEST_CASE("a difference of more than 32 bits is damage") {
  // At split 24, 255 zeros stand for 255 * 2^24, 256 for 2^32.
  for (int zeros : {255, 256, 400}) {
    BitString bits;
    bits.append(0, 32);
    bits.append(25, 5);
    for (int i = 0; i < zeros; i++) bits.append_bit(0);
    bits.append_bit(1);
    bits.append(0, 24);
    CHECK(damage_of(bits.bytes(), 1) == (zeros == 255 ? "" : "the Rice tile holds a difference of more than 32 bits"));
  }
}

TEST_CASE("a row or a block of no pixels is refused") {
  const Tile tile(100, 0);
  CHECK(damage_of(tile, 0) != "");
  CHECK(damage_of(tile, -1) != "");
  CHECK(damage_of(tile, 1, 0) != "");
  CHECK(damage_of(tile, 1, -32) != "");
}
