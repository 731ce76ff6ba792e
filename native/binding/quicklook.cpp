// decodeNarrow, pixelSum, placeSegment, binImage, zscale, stretch, boxStatistics.
#include <algorithm>
#include <tuple>

#include "../core/mosaic.h"
#include "../core/stored_pixels.h"
#include "arguments.h"
#include "groups.h"

namespace ccarchiver::binding {

namespace {

constexpr int64_t kMaxSide = 1 << 20;
constexpr int64_t kMaxZero = 1 << 30;

int within(const Napi::Object& from, const char* name, int64_t minimum, int64_t maximum) {
  return static_cast<int>(integer(from.Get(name), name, minimum, maximum));
}

bool flag(const Napi::Object& from, const char* name) {
  const Napi::Value value = from.Get(name);
  if (!value.IsBoolean()) throw bad_argument(std::string(name) + " must be a boolean");
  return value.As<Napi::Boolean>();
}

// A half-open range within [0, limit].
std::pair<int, int> range_of(const Napi::Object& from, const char* name, int limit) {
  const Napi::Array ends = array(from.Get(name), name);
  const int first = static_cast<int>(integer(ends.Get(0u), name, 0, limit));
  return {first, static_cast<int>(integer(ends.Get(1u), name, first, limit))};
}

void require(bool holds, const char* problem) {
  if (!holds) throw bad_argument(problem);
}

Napi::Value js_decode_narrow(const Napi::CallbackInfo& info) {
  const std::span<uint8_t> data = bytes(info[0], "data");
  const Napi::Object format = object(info[1], "format");
  const int bitpix = within(format, "bitpix", 8, 16);
  const int zero = within(format, "zero", -kMaxZero, kMaxZero);
  const std::span<int32_t> out = pixels(info[2], "out");
  require(bitpix == 8 || bitpix == 16, "bitpix must be 8 or 16");
  require(data.size() == out.size() * static_cast<size_t>(bitpix / 8), "data and out must hold the same number of pixels");
  (bitpix == 8 ? decode_bytes : decode_shorts)(data.data(), out.size(), zero, out.data());
  return info.Env().Undefined();
}

Napi::Value js_pixel_sum(const Napi::CallbackInfo& info) {
  const std::span<int32_t> values = pixels(info[0], "pixels");
  const uint32_t seed = info[1].IsUndefined() ? 0 : static_cast<uint32_t>(integer(info[1], "seed", 0, 0xffffffff));
  return Napi::Number::New(info.Env(), pixel_sum(values.data(), values.size(), seed));
}

SegmentPlace segment_place(const Napi::Object& from) {
  SegmentPlace place;
  place.columns = within(from, "columns", 1, kMaxSide);
  place.first_column = within(from, "firstColumn", 0, place.columns - 1);
  place.width = within(from, "width", 1, place.columns - place.first_column);
  place.height = within(from, "height", 1, kMaxSide);
  std::tie(place.overscan_first, place.overscan_end) = range_of(from, "overscan", place.columns);
  place.flip_x = flag(from, "flipX");
  place.flip_y = flag(from, "flipY");
  place.x = within(from, "x", 0, kMaxSide);
  place.y = within(from, "y", 0, kMaxSide);
  return place;
}

Napi::Value js_place_segment(const Napi::CallbackInfo& info) {
  const std::span<int32_t> readout = pixels(info[0], "pixels");
  const SegmentPlace place = segment_place(object(info[1], "place"));
  const std::span<float> ccd = floats(info[2], "ccd");
  const int width = static_cast<int>(integer(info[3], "ccdWidth", 1, kMaxSide));
  require(readout.size() >= static_cast<size_t>(place.columns) * place.height, "pixels must hold every imaging row");
  require(place.x + place.width <= width, "the segment must lie within the CCD's width");
  require(ccd.size() >= static_cast<size_t>(place.y + place.height) * width, "the segment must lie within the CCD's height");
  place_segment(readout.data(), place, ccd.data(), width);
  return info.Env().Undefined();
}

Napi::Value js_bin_image(const Napi::CallbackInfo& info) {
  const std::span<float> image = floats(info[0], "image");
  const Napi::Object from = object(info[1], "place");
  const std::span<float> canvas = floats(info[2], "canvas");
  BinPlace place;
  place.width = within(from, "width", 1, kMaxSide);
  place.height = within(from, "height", 1, kMaxSide);
  place.bin = within(from, "bin", 1, kMaxSide);
  place.canvas_width = within(from, "canvasWidth", 1, kMaxSide);
  place.x = within(from, "x", 0, kMaxSide);
  place.y = within(from, "y", 0, kMaxSide);
  require(image.size() == static_cast<size_t>(place.width) * place.height, "image must hold width x height pixels");
  require(place.x + binned(place.width, place.bin) <= place.canvas_width, "the image must lie within the canvas's width");
  require(canvas.size() >= static_cast<size_t>(place.y + binned(place.height, place.bin)) * place.canvas_width,
          "the image must lie within the canvas's height");
  bin_image(image.data(), place, canvas.data());
  return info.Env().Undefined();
}

Napi::Value js_zscale(const Napi::CallbackInfo& info) {
  const std::span<float> image = floats(info[0], "image");
  const Range range = zscale(image.data(), image.size());
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("low", range.low);
  result.Set("high", range.high);
  return result;
}

Napi::Value js_stretch(const Napi::CallbackInfo& info) {
  const std::span<float> image = floats(info[0], "image");
  const int width = static_cast<int>(integer(info[1], "width", 1, kMaxSide));
  const Napi::Object from = object(info[2], "range");
  const std::span<uint8_t> out = bytes(info[3], "out");
  const Napi::Value low = from.Get("low"), high = from.Get("high");
  require(low.IsNumber() && high.IsNumber(), "low and high must be numbers");
  require(image.size() % width == 0 && image.size() / width <= kMaxSide, "image must hold whole rows");
  require(out.size() == image.size(), "out must hold one byte per pixel");
  const Range range{low.As<Napi::Number>().FloatValue(), high.As<Napi::Number>().FloatValue()};
  stretch(image.data(), width, static_cast<int>(image.size() / width), range, out.data());
  return info.Env().Undefined();
}

Napi::Value js_box_statistics(const Napi::CallbackInfo& info) {
  const std::span<int32_t> values = pixels(info[0], "pixels");
  const int columns = static_cast<int>(integer(info[1], "columns", 1, kMaxSide));
  const Napi::Object from = object(info[2], "box");
  Box box;
  std::tie(box.first_column, box.end_column) = range_of(from, "columns", columns);
  std::tie(box.first_row, box.end_row) = range_of(from, "rows", static_cast<int>(std::min<size_t>(values.size() / columns, kMaxSide)));
  require(box.first_column < box.end_column && box.first_row < box.end_row, "the box must hold pixels");
  const BoxStatistics statistics = box_statistics(values.data(), columns, box);
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("mean", statistics.mean);
  result.Set("rms", statistics.rms);
  result.Set("median", statistics.median);
  return result;
}

}  // namespace

void register_quicklook(Napi::Object& exports) {
  define<js_decode_narrow>(exports, "decodeNarrow");
  define<js_pixel_sum>(exports, "pixelSum");
  define<js_place_segment>(exports, "placeSegment");
  define<js_bin_image>(exports, "binImage");
  define<js_zscale>(exports, "zscale");
  define<js_stretch>(exports, "stretch");
  define<js_box_statistics>(exports, "boxStatistics");
}

}  // namespace ccarchiver::binding
