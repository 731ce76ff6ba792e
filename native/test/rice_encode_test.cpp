// The encoder writes the FITS standard's RICE_1 bit for bit, and the very bytes of cfitsio where cfitsio is installed.
#include <cstdio>

#include "support/random.h"
#include "support/rice_reference.h"
#include "support/rice_rows.h"
#include "support/rice_shapes.h"
#include "support/run.h"

#if __has_include(<fitsio.h>)
#include <fitsio.h>
#define HAVE_CFITSIO 1
extern "C" int fits_rcomp(int pixels[], int count, unsigned char* out, int out_size, int block_size);
#endif

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

constexpr size_t kBlock = 32;

std::vector<Row> random_rows(Random& random, int columns, size_t segments) {
  const int shape = random.between(0, kShapes);  // kShapes: another shape in each segment
  std::vector<Row> rows;
  for (size_t f = 0; f < segments; f++)
    rows.push_back(rice_row(random, shape < kShapes ? shape : random.between(0, kShapes - 1), columns));
  return rows;
}

// Counts the tiles whose bytes differ from what `expected(row)` gives.
template <class Expected>
int differing_tiles(uint64_t seed, int rounds, Expected expected) {
  int differing = 0;
  Random random(seed);
  for (int round = 0; round < rounds; round++) {
    const std::vector<Row> rows =
        random_rows(random, random.between(1, 600), random.below(4) == 0 ? 1 + random.below(kChannels) : kChannels);
    const std::vector<Tile> tiles = encode_rows(rows);
    for (size_t f = 0; f < rows.size(); f++) differing += tiles[f] != expected(rows[f]);
  }
  return differing;
}

}  // namespace

TEST_CASE("tiles of every shape and width are what the FITS standard says") {
  on_each_cpu([] {
    CHECK(differing_tiles(4, full_run() ? 10000 : 400, [](const Row& row) { return rice_reference(row, kBlock); }) ==
          0);
  });
}

TEST_CASE("each width from 1 to 600 gives a right tile, with its short last block") {
  on_each_cpu([] {
    Random random(5);
    for (int columns = 1; columns <= 600; columns++) {
      const std::vector<Row> rows = random_rows(random, columns, kChannels);
      const std::vector<Tile> tiles = encode_rows(rows);
      for (size_t f = 0; f < kChannels; f++) REQUIRE(tiles[f] == rice_reference(rows[f], kBlock));
    }
  });
}

TEST_CASE("a row of one value takes 16 bytes at the camera's width") {
  on_each_cpu([] {
    for (const Tile& tile : encode_rows(std::vector<Row>(kChannels, Row(576, 0)))) CHECK(tile.size() == 16);
  });
}

#ifdef HAVE_CFITSIO
TEST_CASE("tiles are byte for byte those of cfitsio") {
  const auto by_cfitsio = [](Row row) {
    Tile tile(row.size() * 8 + 64);
    tile.resize(static_cast<size_t>(
        fits_rcomp(row.data(), static_cast<int>(row.size()), tile.data(), static_cast<int>(tile.size()), kBlock)));
    return tile;
  };
  const int rounds = full_run() ? 75000 : 2000;
  on_each_cpu([&] {
    CHECK(differing_tiles(6, rounds, by_cfitsio) == 0);
    std::printf("%s: %d rows of up to 16 tiles compared with cfitsio\n", name_of(active_cpu()), rounds);
  });
}
#endif
