// decodeTiles, decodePlain, packRows, unpackRows.
#include <cstring>
#include <vector>

#include "../core/kernels.h"
#include "../core/layout_check.h"
#include "../core/row_scratch.h"
#include "arguments.h"
#include "groups.h"

namespace ccarchiver::binding {

namespace {

constexpr int64_t kMaxTileColumns = 1 << 24;
constexpr int64_t kMaxTiles = 1 << 24;
constexpr int64_t kMaxBlockSize = 1 << 16;

uint32_t load_big_endian(const uint8_t* at) {
  uint32_t word;
  std::memcpy(&word, at, sizeof word);
  return __builtin_bswap32(word);
}

void check_length(const char* name, size_t actual, size_t expected) {
  if (actual != expected) {
    throw bad_argument(std::string(name) + " has length " + std::to_string(actual) + ", " + std::to_string(expected) + " is needed");
  }
}

// When a tile is damaged, `out` holds the rows before it; what it holds from there on is not defined.
Napi::Value js_decode_tiles(const Napi::CallbackInfo& info) {
  const Napi::Object tiles = object(info[0], "tiles");
  const std::span<uint8_t> descriptors = bytes(tiles.Get("descriptors"), "descriptors");
  const std::span<uint8_t> heap = bytes(tiles.Get("heap"), "heap");
  const size_t columns = static_cast<size_t>(integer(tiles.Get("columns"), "columns", 1, kMaxTileColumns));
  const size_t rows = static_cast<size_t>(integer(tiles.Get("rows"), "rows", 1, kMaxTiles));
  const int block_size = static_cast<int>(integer(tiles.Get("blockSize"), "blockSize", 1, kMaxBlockSize));
  const std::span<int32_t> out = pixels(info[1], "out");
  check_length("descriptors", descriptors.size(), rows * 8);
  check_length("out", out.size(), rows * columns);
  const TileDamage damage =
      decode_tiles({descriptors.data(), heap.data(), heap.size(), static_cast<int>(columns), rows, block_size, out.data()});
  if (damage.problem != nullptr) {
    throw Failure("RICE_INVALID", {{"tile", static_cast<double>(damage.row + 1)}, {"problem", damage.problem}});
  }
  return info.Env().Undefined();
}

Napi::Value js_decode_plain(const Napi::CallbackInfo& info) {
  const std::span<uint8_t> data = bytes(info[0], "data");
  const std::span<int32_t> out = pixels(info[1], "out");
  check_length("data", data.size(), out.size() * 4);
  for (size_t i = 0; i < out.size(); i++) out[i] = static_cast<int32_t>(load_big_endian(&data[i * 4]));
  return info.Env().Undefined();
}

size_t row_count(const Napi::Value& value) { return static_cast<size_t>(integer(value, "rowCount", 1, kMaxRows)); }

// Planes of one CCD by segment; nullptr stands for zeros.
std::vector<int32_t*> segment_planes(const Napi::Value& value, int segments, size_t values, bool allow_null) {
  const Napi::Array from = array(value, "segments of a CCD");
  check_length("segments of a CCD", from.Length(), static_cast<size_t>(segments));
  std::vector<int32_t*> planes;
  for (uint32_t f = 0; f < from.Length(); f++) {
    const Napi::Value plane = from.Get(f);
    if (allow_null && plane.IsNull()) {
      planes.push_back(nullptr);
      continue;
    }
    const std::span<int32_t> elements = pixels(plane, "segment");
    check_length("segment", elements.size(), values);
    planes.push_back(elements.data());
  }
  return planes;
}

void gather_row(const std::vector<int32_t*>& planes, size_t row, size_t columns, int32_t* stripes) {
  std::memset(stripes, 0, columns * kChannels * sizeof *stripes);
  for (size_t f = 0; f < planes.size(); f++) {
    if (planes[f] == nullptr) continue;
    const int32_t* from = planes[f] + row * columns;
    for (size_t column = 0; column < columns; column++) stripes[column * kChannels + f] = from[column];
  }
}

Napi::Value js_pack_rows(const Napi::CallbackInfo& info) {
  const SourceLayout source = layout(info[0]);
  const size_t rows = row_count(info[1]);
  const size_t columns = static_cast<size_t>(source.columns);
  const Napi::Array ccds = array(info[2], "segments");
  const std::span<uint8_t> packed = bytes(info[3], "packed");
  check_length("segments", ccds.Length(), static_cast<size_t>(source.ccd_count));
  check_length("packed", packed.size(), rows * source.row_bytes());
  std::vector<std::vector<int32_t*>> planes;
  std::vector<std::vector<int32_t>> stripes(ccds.Length(), std::vector<int32_t>(columns * kChannels));
  std::vector<const int32_t*> rows_of_ccds;
  for (uint32_t ccd = 0; ccd < ccds.Length(); ccd++) {
    planes.push_back(segment_planes(ccds.Get(ccd), source.ccd[ccd].segments, rows * columns, true));
    rows_of_ccds.push_back(stripes[ccd].data());
  }
  for (size_t row = 0; row < rows; row++) {
    for (size_t ccd = 0; ccd < planes.size(); ccd++) gather_row(planes[ccd], row, columns, stripes[ccd].data());
    pack_row(source, rows_of_ccds.data(), &packed[row * source.row_bytes()]);
  }
  return info.Env().Undefined();
}

Napi::Value js_unpack_rows(const Napi::CallbackInfo& info) {
  const SourceLayout source = layout(info[0]);
  const size_t rows = row_count(info[1]);
  const size_t columns = static_cast<size_t>(source.columns);
  const std::span<uint8_t> packed = bytes(info[2], "packed");
  const int ccd = static_cast<int>(integer(info[3], "ccd", 0, source.ccd_count - 1));
  check_length("packed", packed.size(), rows * source.row_bytes());
  const std::vector<int32_t*> planes = segment_planes(info[4], source.ccd[ccd].segments, rows * columns, false);
  RowScratch& scratch = row_scratch(source);
  for (size_t row = 0; row < rows; row++) {
    std::memcpy(scratch.packed, &packed[row * source.row_bytes()], source.row_bytes());
    unpack_row(source, ccd, scratch.packed, scratch.stripes);
    for (size_t f = 0; f < planes.size(); f++) {
      int32_t* to = planes[f] + row * columns;
      for (size_t column = 0; column < columns; column++) to[column] = scratch.stripes[column * kChannels + f];
    }
  }
  return info.Env().Undefined();
}

}  // namespace

void register_codec(Napi::Object& exports) {
  define<js_decode_tiles>(exports, "decodeTiles");
  define<js_decode_plain>(exports, "decodePlain");
  define<js_pack_rows>(exports, "packRows");
  define<js_unpack_rows>(exports, "unpackRows");
}

}  // namespace ccarchiver::binding
