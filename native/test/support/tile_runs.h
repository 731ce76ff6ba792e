// Runs of Rice tiles in memory that may not be overrun, and what decoding makes of them.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "../../core/kernels.h"
#include "guarded.h"
#include "random.h"
#include "rice_rows.h"
#include "rice_shapes.h"

namespace ccarchiver::test {

struct StoredTiles {
  std::vector<TileSpan> spans;
  std::vector<uint8_t> heap;
  int columns = 0;
  int block_size = 32;

  void add(const Tile& tile) {
    spans.push_back({tile.size(), heap.size()});
    heap.insert(heap.end(), tile.begin(), tile.end());
  }
};

// The verdict, and the pixels of the rows before the damaged one.
struct Decoded {
  size_t bad_row = 0;
  std::string problem;
  std::vector<int32_t> pixels;
  bool operator==(const Decoded&) const = default;
};

// Neither `decode` nor the memory that it is given allows anything beside the run.
template <class Decode>
Decoded decoded_by(Decode decode, const StoredTiles& stored, Edge edge) {
  const size_t rows = stored.spans.size();
  std::vector<uint32_t> words;
  for (const TileSpan& span : stored.spans) {
    words.push_back(__builtin_bswap32(static_cast<uint32_t>(span.bytes)));
    words.push_back(__builtin_bswap32(static_cast<uint32_t>(span.offset)));
  }
  Guarded<uint32_t> descriptors(words.data(), words.size(), edge);
  Guarded<uint8_t> heap(stored.heap.data(), stored.heap.size(), edge);
  Guarded<int32_t> out(rows * static_cast<size_t>(stored.columns), edge);
  const TileDamage damage =
      decode(TileRun{reinterpret_cast<const uint8_t*>(descriptors.data()), heap.data(), stored.heap.size(),
                     stored.columns, rows, stored.block_size, out.data()});
  const size_t good_rows = damage.problem == nullptr ? rows : damage.row;
  int32_t* const end = out.data() + good_rows * static_cast<size_t>(stored.columns);
  return {damage.row, damage.problem == nullptr ? "" : damage.problem, {out.data(), end}};
}

inline Decoded decoded(const StoredTiles& stored, Edge edge = Edge::kEnd) {
  return decoded_by([](const TileRun& run) { return decode_tiles(run); }, stored, edge);
}

// One shape in all rows, or another in each.
inline std::vector<Row> run_of_rows(Random& random, int columns, int count) {
  const int shape = random.between(0, kShapes);
  std::vector<Row> rows;
  for (int i = 0; i < count; i++)
    rows.push_back(rice_row(random, shape < kShapes ? shape : random.between(0, kShapes - 1), columns));
  return rows;
}

inline std::vector<Tile> tiles_of(const std::vector<Row>& rows) {
  std::vector<Tile> tiles;
  for (size_t first = 0; first < rows.size(); first += kChannels) {
    const size_t end = std::min(rows.size(), first + kChannels);
    for (Tile& tile : encode_rows({rows.begin() + static_cast<long>(first), rows.begin() + static_cast<long>(end)}))
      tiles.push_back(std::move(tile));
  }
  return tiles;
}

inline StoredTiles stored(const std::vector<Tile>& tiles, int columns) {
  StoredTiles made;
  made.columns = columns;
  for (const Tile& tile : tiles) made.add(tile);
  return made;
}

inline Decoded whole(const std::vector<Row>& rows) {
  Decoded expected;
  for (const Row& row : rows) expected.pixels.insert(expected.pixels.end(), row.begin(), row.end());
  return expected;
}

}  // namespace ccarchiver::test
