// synthesizeRows.
#include "../core/synth.h"

#include "arguments.h"
#include "groups.h"

namespace ccarchiver::binding {

namespace {

constexpr int64_t kMaxSeed = (int64_t{1} << 53) - 1;
constexpr int64_t kMaxStars = 100000;

SynthAmplifier amplifier(const Napi::Object& from) {
  SynthAmplifier result;
  result.bias = static_cast<float>(number(from.Get("bias"), "bias", 0, kMaxPixel));
  result.gain = static_cast<float>(number(from.Get("gain"), "gain", 0.1, 10));
  result.read_noise = static_cast<float>(number(from.Get("readNoise"), "readNoise", 0, 1000));
  return result;
}

void read_amplifiers(const Napi::Value& value, const SourceLayout& layout, SynthScene& scene) {
  const Napi::Array ccds = array(value, "amplifiers");
  if (ccds.Length() != static_cast<uint32_t>(layout.ccd_count)) throw bad_argument("amplifiers must name each CCD of the layout");
  for (uint32_t ccd = 0; ccd < ccds.Length(); ccd++) {
    const Napi::Array segments = array(ccds.Get(ccd), "amplifiers of a CCD");
    if (segments.Length() != static_cast<uint32_t>(layout.ccd[ccd].segments)) throw bad_argument("amplifiers must name each segment");
    for (uint32_t f = 0; f < segments.Length(); f++) scene.ccd[ccd].amplifier[f] = amplifier(object(segments.Get(f), "amplifier"));
  }
}

SynthScene read_scene(const Napi::Value& value, const Napi::Value& layout_value, const SourceLayout& layout) {
  const Napi::Object from = object(value, "scene");
  const Napi::Array columns = array(from.Get("columns"), "columns");
  SynthScene scene;
  scene.seed = static_cast<uint64_t>(integer(from.Get("seed"), "seed", 0, kMaxSeed));
  scene.sensors = static_cast<uint64_t>(integer(from.Get("sensors"), "sensors", 0, kMaxSeed));
  scene.first_column = static_cast<int>(integer(columns.Get(0u), "columns", 0, layout.columns - 1));
  scene.end_column = static_cast<int>(integer(columns.Get(1u), "columns", scene.first_column + 1, layout.columns));
  scene.end_row = static_cast<int>(integer(from.Get("rows"), "rows", 1, layout.rows));
  scene.sky = static_cast<float>(number(from.Get("sky"), "sky", 0, 1e5));
  scene.stars = static_cast<int>(integer(from.Get("starsPerSegment"), "starsPerSegment", 0, kMaxStars));
  read_amplifiers(from.Get("amplifiers"), layout, scene);
  for (int ccd = 0; ccd < layout.ccd_count; ccd++) {
    scene.ccd[ccd].has_crosstalk = crosstalk_of(layout_value, layout, ccd, scene.ccd[ccd].crosstalk);
  }
  return scene;
}

Napi::Value js_synthesize_rows(const Napi::CallbackInfo& info) {
  const SourceLayout source = layout(info[0]);
  const SynthScene scene = read_scene(info[1], info[0], source);
  const Napi::Object rows = object(info[2], "rows");
  const int first = static_cast<int>(integer(rows.Get("first"), "rows.first", 0, source.rows - 1));
  const int count = static_cast<int>(integer(rows.Get("count"), "rows.count", 1, source.rows - first));
  const std::span<uint8_t> packed = bytes(info[3], "packed");
  if (packed.size() != static_cast<size_t>(count) * source.row_bytes()) throw bad_argument("packed must hold exactly the rows");
  synthesize_rows(source, scene, first, count, packed.data());
  return info.Env().Undefined();
}

}  // namespace

void register_synth(Napi::Object& exports) { define<js_synthesize_rows>(exports, "synthesizeRows"); }

}  // namespace ccarchiver::binding
