// The decoder gives back every pixel, at block sizes 16 and 32, without touching memory beside the tile and the row.
#include <memory>

#include "support/guarded.h"
#include "support/random.h"
#include "support/rice_reference.h"
#include "support/rice_rows.h"
#include "support/rice_shapes.h"
#include "support/run.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

bool decodes_to(const Tile& tile, int block_size, const Row& expected) {
  Guarded<uint8_t> in(tile.data(), tile.size());
  Guarded<int32_t> out(expected.size());
  const char* damage = rice_decode(in.data(), tile.size(), static_cast<int>(expected.size()), block_size, out.data());
  return damage == nullptr && Row(out.data(), out.data() + expected.size()) == expected;
}

}  // namespace

TEST_CASE("what the encoder writes decodes to the same pixels") {
  Random random(7);
  for (int round = 0; round < (full_run() ? 20000 : 1000); round++) {
    const int columns = random.between(1, 600);
    const std::vector<Row> rows(kChannels, rice_row(random, round % kShapes, columns));
    REQUIRE(decodes_to(encode_rows(rows)[0], 32, rows[0]));
  }
}

TEST_CASE("tiles of other writers' block sizes decode to the same pixels") {
  Random random(8);
  for (int block_size : {1, 16, 31, 32, 64, 600}) {
    for (int round = 0; round < (full_run() ? 2000 : 200); round++) {
      const Row row = rice_row(random, round % kShapes, random.between(1, 600));
      REQUIRE(decodes_to(rice_reference(row, static_cast<size_t>(block_size)), block_size, row));
    }
  }
}

TEST_CASE("bytes after the last pixel do not matter") {
  Random random(9);
  const Row row = rice_row(random, 0, 576);
  Tile tile = rice_reference(row, 32);
  tile.insert(tile.end(), 20, 0xff);
  CHECK(decodes_to(tile, 32, row));
}
