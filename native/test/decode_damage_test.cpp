// Damage in a run of tiles is told as the scalar form tells it, with the same tile, and never leads outside of the run.
#include "../core/kernel_set.h"
#include "support/rice_reference.h"
#include "support/run.h"
#include "support/tile_runs.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

constexpr int kRows = 40;  // more than are decoded side by side

// True when the run is damaged.
bool same_verdict(const StoredTiles& run, Edge edge = Edge::kEnd) {
  const Decoded expected = decoded_by([](const TileRun& given) { return scalar::decode_tiles(given); }, run, edge);
  on_each_cpu([&] { REQUIRE(decoded(run, edge) == expected); });
  return !expected.problem.empty();
}

Edge edge_of(int round) { return round % 2 == 0 ? Edge::kEnd : Edge::kStart; }

StoredTiles run_of_shape(Random& random, int shape, int columns) {
  std::vector<Row> rows;
  for (int row = 0; row < kRows; row++) rows.push_back(rice_row(random, shape, columns));
  return stored(tiles_of(rows), columns);
}

// A first pixel, and no end of what makes a reader go far: the longest codes that have less than a window of zeros, or
// zeros, or ones, or anything.
std::vector<uint8_t> endless(Random& random) {
  BitString bits;
  bits.append(1000, 32);
  switch (random.below(4)) {
    case 0:
      for (int block = 0; block < 6; block++) {
        bits.append(25, 5);
        for (int code = 0; code < 32; code++) {
          bits.append_zeros(30);
          bits.append_bit(1);
          bits.append(0, 24);
        }
      }
      break;
    case 1:
      bits.append(1 + random.below(25), 5);
      bits.append_zeros(10000);
      break;
    case 2:
      bits.append(1 + random.below(25), 5);
      for (int i = 0; i < 10000; i++) bits.append_bit(1);
      break;
    default:
      for (int i = 0; i < 10000; i++) bits.append_bit(random.below(2));
  }
  return bits.bytes();
}

}  // namespace

TEST_CASE("a tile cut at any byte is told by its number") {
  Random random(51);
  for (int shape = 0; shape < kShapes; shape++) {
    const StoredTiles run = run_of_shape(random, shape, 70);
    const size_t row = random.below(kRows);
    for (size_t bytes = 0; bytes < run.spans[row].bytes; bytes++) {
      StoredTiles cut = run;
      cut.spans[row].bytes = bytes;
      REQUIRE(same_verdict(cut));
      REQUIRE(decoded(cut).bad_row == row);
    }
  }
}

TEST_CASE("a heap cut at any byte is told by the first tile that it lacks") {
  Random random(52);
  for (int shape = 0; shape < kShapes; shape++) {
    const StoredTiles run = run_of_shape(random, shape, 20);
    for (size_t bytes = 0; bytes < run.heap.size(); bytes++) {
      StoredTiles cut = run;
      cut.heap.resize(bytes);
      REQUIRE(same_verdict(cut));
      REQUIRE(decoded(cut).problem == "it lies outside of the heap");
    }
  }
}

TEST_CASE("what stands between a cut tile and the end of the heap leads nowhere beyond") {
  Random random(57);
  for (int round = 0; round < (full_run() ? 50000 : 3000); round++) {
    StoredTiles run = stored(std::vector<Tile>(kRows, tiles_of({Row(600, 25000)})[0]), 600);
    std::vector<uint8_t> bytes = endless(random);
    const size_t cut = random.below(2) == 0 ? 4 : random.below(700);
    bytes.resize(cut + random.below(300));
    run.spans[random.below(kRows)] = {cut, run.heap.size()};
    run.heap.insert(run.heap.end(), bytes.begin(), bytes.end());
    same_verdict(run);
  }
}

TEST_CASE("flipped bits give the scalar form's pixels or its verdict") {
  Random random(53);
  int damaged = 0;
  const int rounds = full_run() ? 30000 : 1000;
  for (int round = 0; round < rounds; round++) {
    StoredTiles run = run_of_shape(random, round % kShapes, random.between(1, 200));
    for (uint32_t flips = 1 + random.below(3); flips > 0; flips--) {
      uint8_t& byte = run.heap[random.below(static_cast<uint32_t>(run.heap.size()))];
      byte = static_cast<uint8_t>(byte ^ 1 << random.below(8));
    }
    damaged += same_verdict(run, edge_of(round));
  }
  CHECK(damaged > 0);
  CHECK(damaged < rounds);
}

TEST_CASE("random bytes give the scalar form's pixels or its verdict") {
  Random random(54);
  int damaged = 0;
  const int rounds = full_run() ? 100000 : 3000;
  for (int round = 0; round < rounds; round++) {
    StoredTiles run;
    run.columns = random.between(1, random.below(2) == 0 ? 3 : 100);
    run.heap = random.bytes(300 + random.below(2000));
    const uint8_t mask = random.below(2) == 0 ? 0xff : 0x11;  // few ones: long codes
    for (uint8_t& byte : run.heap) byte &= mask;
    for (int row = 0; row < kRows; row++) {
      const size_t offset = random.below(static_cast<uint32_t>(run.heap.size()));
      run.spans.push_back({std::min<size_t>(run.heap.size() - offset, 300), offset});
    }
    damaged += same_verdict(run, edge_of(round));
  }
  CHECK(damaged > 0);
  CHECK(damaged < rounds);
}

TEST_CASE("random descriptors give the scalar form's pixels or its verdict") {
  Random random(55);
  const std::vector<size_t> strange = {0, 1, 3, 4, 0x7fffffff, 0x80000000, 0xffffffff};
  for (int round = 0; round < (full_run() ? 20000 : 1000); round++) {
    StoredTiles run = run_of_shape(random, round % kShapes, random.between(1, 100));
    const size_t row = random.below(kRows);
    const size_t bytes = run.heap.size();
    const std::vector<size_t> near = {bytes - 1, bytes, bytes + 1, random.below(static_cast<uint32_t>(bytes))};
    const auto any = [&] { return random.below(2) == 0 ? strange[random.below(7)] : near[random.below(4)]; };
    if (random.below(2) == 0) run.spans[row].bytes = any();
    if (random.below(2) == 0) run.spans[row].offset = any();
    same_verdict(run, edge_of(round));
  }
}

TEST_CASE("the first of several damaged tiles is told") {
  Random random(56);
  for (size_t first = 0; first < kRows; first++) {
    StoredTiles run = run_of_shape(random, kReadNoise, 50);
    for (size_t row = first; row < kRows; row += 1 + random.below(5)) run.spans[row].bytes = 10;
    REQUIRE(same_verdict(run));
    REQUIRE(decoded(run).bad_row == first);
  }
}
