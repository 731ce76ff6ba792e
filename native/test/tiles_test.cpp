// The fused pass gives what the kernels give one after another in their scalar form: tiles and sums, of both products.
#include <deque>
#include <vector>

#include "../core/kernel_set.h"
#include "../core/row_scratch.h"
#include "support/guarded.h"
#include "support/layouts.h"
#include "support/random.h"
#include "support/run.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

struct Product {
  std::vector<std::vector<uint8_t>> tiles;
  std::vector<uint64_t> sums;
  bool operator==(const Product&) const = default;
};

struct Products {
  Product raw;
  Product corrected;
  bool operator==(const Products&) const = default;
};

// Buffers that end where they must end: what a kernel writes beyond is found by the guard pages.
class Tiles {
 public:
  explicit Tiles(int columns) {
    for (int f = 0; f < kChannels; f++) {
      memory_.emplace_back(rice_row_bound(columns));
      row.out[f] = memory_.back().data();
    }
  }

  Product product(int segments) const {
    Product made;
    for (int f = 0; f < segments; f++) {
      made.tiles.emplace_back(row.out[f], row.out[f] + row.length[f]);
      made.sums.push_back(row.pixel_sum[f]);
    }
    return made;
  }

  TileRow row = {};

 private:
  std::deque<Guarded<uint8_t>> memory_;
};

struct Scene {
  SourceLayout layout;
  Crosstalk crosstalk = {};
  std::vector<uint8_t> packed;
};

// Sky, stars that saturate, pure noise and constant rows; few columns and many; layouts in any channel order.
Scene random_scene(Random& random) {
  Scene scene;
  const int columns = random.below(8) == 0 ? random.between(1, 2048) : random.between(1, 600);
  scene.layout = science_layout(columns);
  scene.layout.pedestal_first = random.between(0, columns - 1);
  scene.layout.pedestal_end = random.between(scene.layout.pedestal_first + 1, columns);
  for (int ccd = 0; ccd < scene.layout.ccd_count; ccd++) {
    if (random.below(4) == 0) scene.layout.ccd[ccd].segments = random.between(1, kChannels);
  }
  const bool quadratic = random.below(2) == 0;
  for (int s = 0; s < kChannels; s++) {
    for (int t = 0; t < kChannels; t++) {
      scene.crosstalk.linear[s][t] = static_cast<float>(3e-4 * random.normal());
      if (quadratic) scene.crosstalk.quadratic[s][t] = static_cast<float>(3e-9 * random.normal());
    }
  }
  const int kind = random.between(0, 3);
  std::vector<std::vector<int32_t>> stripes(kMaxCcds);
  std::vector<const int32_t*> rows;
  for (auto& row : stripes) {
    row.assign(static_cast<size_t>(columns) * kChannels, 25000);
    for (int32_t& pixel : row) {
      if (kind == 0) pixel = static_cast<int32_t>(random.below(kMaxPixel + 1));
      if (kind == 1 || kind == 2) pixel += static_cast<int32_t>(20 * random.normal());
      if (kind == 2 && random.below(40) == 0) pixel = kMaxPixel;
    }
    rows.push_back(row.data());
  }
  scene.packed.resize(scene.layout.row_bytes() + kReadSlack);
  pack_row(scene.layout, rows.data(), scene.packed.data());
  return scene;
}

Products fused(const Scene& scene, int ccd, bool want_raw, bool want_corrected) {
  Guarded<uint8_t> packed(scene.packed.data(), scene.packed.size());
  const size_t pixels = static_cast<size_t>(scene.layout.columns) * kChannels;
  Guarded<int32_t> stripes(pixels), corrected(pixels);
  Tiles raw_tiles(scene.layout.columns), corrected_tiles(scene.layout.columns);
  encode_tiles({scene.layout, ccd, &scene.crosstalk, packed.data(), stripes.data(), corrected.data()},
               want_raw ? &raw_tiles.row : nullptr, want_corrected ? &corrected_tiles.row : nullptr);
  const int segments = scene.layout.ccd[ccd].segments;
  return {want_raw ? raw_tiles.product(segments) : Product{}, want_corrected ? corrected_tiles.product(segments) : Product{}};
}

Product one_by_one(const Scene& scene, int ccd, const std::vector<int32_t>& stripes) {
  Tiles tiles(scene.layout.columns);
  const int segments = scene.layout.ccd[ccd].segments;
  add_pixel_sums(stripes.data(), scene.layout.columns, segments, tiles.row.pixel_sum);
  scalar::rice_encode_row(stripes.data(), scene.layout.columns, segments, tiles.row.out, tiles.row.length);
  return tiles.product(segments);
}

Products one_by_one(const Scene& scene, int ccd) {
  std::vector<int32_t> stripes(static_cast<size_t>(scene.layout.columns) * kChannels), corrected(stripes.size());
  scalar::unpack_row(scene.layout, ccd, scene.packed.data(), stripes.data());
  scalar::correct_row(scene.layout, ccd, scene.crosstalk, stripes.data(), corrected.data());
  return {one_by_one(scene, ccd, stripes), one_by_one(scene, ccd, corrected)};
}

}  // namespace

TEST_CASE("the fused pass gives the tiles and sums of the kernels that it fuses, on every instruction set") {
  Random random(31);
  for (int round = 0; round < (full_run() ? 5000 : 150); round++) {
    const Scene scene = random_scene(random);
    for (int ccd = 0; ccd < scene.layout.ccd_count; ccd++) {
      const Products expected = one_by_one(scene, ccd);
      on_each_cpu([&] {
        REQUIRE(fused(scene, ccd, true, true) == expected);
        REQUIRE(fused(scene, ccd, true, false).raw == expected.raw);
        REQUIRE(fused(scene, ccd, false, true).corrected == expected.corrected);
      });
    }
  }
}

TEST_CASE("sums of rows add up") {
  Random random(32);
  const Scene scene = random_scene(random);
  on_each_cpu([&] {
    Tiles tiles(scene.layout.columns);
    const size_t pixels = static_cast<size_t>(scene.layout.columns) * kChannels;
    std::vector<int32_t> stripes(pixels), corrected(pixels);
    for (int row = 0; row < 2; row++) {
      encode_tiles({scene.layout, 0, nullptr, scene.packed.data(), stripes.data(), corrected.data()}, &tiles.row, nullptr);
    }
    const std::vector<uint64_t> once = one_by_one(scene, 0).raw.sums;
    for (size_t f = 0; f < once.size(); f++) CHECK(tiles.row.pixel_sum[f] == 2 * once[f]);
  });
}
