// Runs of tiles decode to the pixels that went in, on every instruction set, without touching memory beside the run.
#include <algorithm>
#include <cstdio>

#include "support/rice_reference.h"
#include "support/run.h"
#include "support/tile_runs.h"

#if __has_include(<fitsio.h>)
#include <fitsio.h>
#define HAVE_CFITSIO 1
extern "C" int fits_rdecomp(unsigned char* tile, int bytes, unsigned int pixels[], int count, int block_size);
#endif

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

void check_run(Random& random, int columns, int count) {
  const std::vector<Row> rows = run_of_rows(random, columns, count);
  const StoredTiles run = stored(tiles_of(rows), columns);
  const Edge edge = random.below(2) == 0 ? Edge::kEnd : Edge::kStart;
  on_each_cpu([&] { REQUIRE(decoded(run, edge) == whole(rows)); });
}

Tile reference_tile(const Row& row) { return rice_reference(row, 32); }

}  // namespace

TEST_CASE("tiles of every shape, width and number decode to the pixels that were encoded") {
  Random random(41);
  size_t tiles = 0;
  while (tiles < (full_run() ? 1000000 : 20000)) {
    const int count = random.between(1, 70);
    check_run(random, random.between(1, 600), count);
    tiles += static_cast<size_t>(count);
  }
  std::printf("%zu tiles decoded with each instruction set\n", tiles);
}

TEST_CASE("each width from 1 to 600 decodes to its last column") {
  Random random(42);
  for (int columns = 1; columns <= 600; columns++) check_run(random, columns, 33);
}

TEST_CASE("each number of rows from 1 to 70 decodes to its last row") {
  Random random(43);
  for (int count = 1; count <= 70; count++) check_run(random, 100, count);
}

TEST_CASE("a run without rows decodes to nothing") {
  StoredTiles run;
  run.columns = 100;
  on_each_cpu([&] { CHECK(decoded(run) == Decoded{}); });
}

TEST_CASE("tiles may stand anywhere in the heap, with bytes between them, and share them") {
  Random random(44);
  for (int round = 0; round < (full_run() ? 2000 : 100); round++) {
    const int columns = random.between(1, 300);
    std::vector<Row> rows = run_of_rows(random, columns, random.between(32, 70));
    std::vector<size_t> order(rows.size());
    for (size_t i = 0; i < order.size(); i++) order[i] = i;
    for (size_t i = order.size(); i > 1; i--) std::swap(order[i - 1], order[random.below(static_cast<uint32_t>(i))]);
    const std::vector<Tile> tiles = tiles_of(rows);
    StoredTiles run = stored({}, columns);
    run.spans.resize(rows.size());
    for (size_t row : order) {
      run.spans[row] = {tiles[row].size(), run.heap.size()};
      run.heap.insert(run.heap.end(), tiles[row].begin(), tiles[row].end());
      run.heap.resize(run.heap.size() + random.below(50), 0xff);
    }
    run.spans[order[0]] = run.spans[order[1]];
    rows[order[0]] = rows[order[1]];
    on_each_cpu([&] { REQUIRE(decoded(run) == whole(rows)); });
  }
}

TEST_CASE("runs of other writers' block sizes decode to the same pixels") {
  Random random(45);
  for (int block_size : {1, 16, 31, 64, 600}) {
    const std::vector<Row> rows = run_of_rows(random, 150, 40);
    StoredTiles run = stored({}, 150);
    run.block_size = block_size;
    for (const Row& row : rows) run.add(rice_reference(row, static_cast<size_t>(block_size)));
    on_each_cpu([&] { CHECK(decoded(run) == whole(rows)); });
  }
}

TEST_CASE("a tile of which every difference takes a window of its own decodes beside others") {
  // At split 0, `zeros` zeros stand for a difference: more than a window holds, or exactly as many.
  Random random(46);
  for (int zeros : {22, 23, 24, 25, 29, 30, 31, 32, 33, 55, 56, 57, 62, 63, 64, 65, 500}) {
    BitString bits;
    bits.append(1000, 32);
    Row expected;
    for (int column = 0; column < 50; column++) {
      if (column % 32 == 0) bits.append(1, 5);
      bits.append_zeros(zeros);
      bits.append_bit(1);
      const int difference = zeros % 2 == 0 ? zeros / 2 : -(zeros / 2) - 1;
      expected.push_back((column == 0 ? 1000 : expected.back()) + difference);
    }
    std::vector<Row> rows = run_of_rows(random, 50, 40);
    std::vector<Tile> tiles = tiles_of(rows);
    for (size_t row : {3u, 20u, 21u}) {
      rows[row] = expected;
      tiles[row] = bits.bytes();
    }
    const StoredTiles run = stored(tiles, 50);
    on_each_cpu([&] { REQUIRE(decoded(run) == whole(rows)); });
  }
}

TEST_CASE("a value of 32 bits decodes, one of more is damage") {
  for (int split : {0, 1, 8, 24}) {
    for (int zeros : {255, 256, 400}) {
      BitString bits;
      bits.append(0, 32);
      bits.append(static_cast<uint64_t>(split) + 1, 5);
      bits.append_zeros(zeros);
      bits.append_bit(1);
      bits.append(0, split);
      const Tile plain = reference_tile({7});
      StoredTiles run = stored(std::vector<Tile>(70, plain), 1);
      run.spans[37] = {bits.bytes().size(), run.heap.size()};
      run.heap.insert(run.heap.end(), bits.bytes().begin(), bits.bytes().end());
      run.heap.resize(run.heap.size() + 1000);
      const bool too_wide = split == 24 && zeros > 255;
      on_each_cpu([&] {
        const Decoded made = decoded(run);
        CHECK(made.bad_row == (too_wide ? 37 : 0));
        CHECK(made.problem == (too_wide ? "the Rice tile holds a difference of more than 32 bits" : ""));
      });
    }
  }
}

#ifdef HAVE_CFITSIO
TEST_CASE("tiles decode to what cfitsio makes of them") {
  Random random(47);
  size_t tiles = 0;
  while (tiles < (full_run() ? 1000000 : 20000)) {
    const int columns = random.between(1, 600);
    const std::vector<Tile> encoded = tiles_of(run_of_rows(random, columns, random.between(32, 70)));
    Decoded expected;
    for (Tile tile : encoded) {
      std::vector<unsigned> pixels(static_cast<size_t>(columns));
      const int bytes = static_cast<int>(tile.size());
      tile.resize(tile.size() + 64);  // it reads ahead
      REQUIRE(fits_rdecomp(tile.data(), bytes, pixels.data(), columns, 32) == 0);
      for (unsigned pixel : pixels) expected.pixels.push_back(static_cast<int32_t>(pixel));
    }
    const StoredTiles run = stored(encoded, columns);
    on_each_cpu([&] { REQUIRE(decoded(run) == expected); });
    tiles += encoded.size();
  }
  std::printf("%zu tiles compared with cfitsio with each instruction set\n", tiles);
}
#endif
