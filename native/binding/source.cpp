// open, inputBuffer, band, drop, configurePool, statistics; finish and rewrite are in finish.cpp.
#include <memory>
#include <new>

#include "../core/handle_table.h"
#include "../core/kernels.h"
#include "../core/pool.h"
#include "../core/row_scratch.h"
#include "../core/source.h"
#include "arguments.h"
#include "finish.h"
#include "groups.h"

namespace ccarchiver::binding {

namespace {

constexpr int64_t kMaxInputBytes = int64_t{1} << 30;

Napi::Value js_open(const Napi::CallbackInfo& info) {
  const Napi::Object from = object(info[0], "options");
  const Napi::Array products = array(from.Get("products"), "products");
  const std::string compression = text(from.Get("compression"), "compression");
  if (compression != "rice" && compression != "none") throw bad_argument("compression must be rice or none");
  if (products.Length() == 0) throw bad_argument("products must name at least one product");
  SourceOptions options = {};
  options.layout = layout(from.Get("layout"));
  options.compression = compression == "rice" ? Compression::kRice : Compression::kNone;
  for (uint32_t i = 0; i < products.Length(); i++) options.wanted[static_cast<int>(product(products.Get(i)))] = true;
  for (int ccd = 0; ccd < options.layout.ccd_count; ccd++) {
    options.has_crosstalk[ccd] = crosstalk_of(from.Get("layout"), options.layout, ccd, options.crosstalk[ccd]);
  }
  return Napi::Number::New(info.Env(), static_cast<double>(handle_table().open(options)));
}

// The memory goes back when JavaScript no longer reaches the buffer, or when its thread ends.
Napi::Value js_input_buffer(const Napi::CallbackInfo& info) {
  const size_t bytes = static_cast<size_t>(integer(info[0], "bytes", 1, kMaxInputBytes));
  auto run = std::make_unique<Run>(process_pool().inputs().take(bytes + kReadSlack));
  if (run->data() == nullptr) throw std::bad_alloc();
  const auto give_back = [](Napi::Env, void*, Run* lent) { delete lent; };
  const auto buffer = Napi::ArrayBuffer::New(info.Env(), run->data(), bytes + kReadSlack, give_back, run.get());
  run.release();
  return Napi::Uint8Array::New(info.Env(), bytes, buffer, 0);
}

// Bytes after a view that its buffer still holds; none of shared memory, whose length Node-API does not tell.
size_t bytes_behind(const Napi::Uint8Array& view) {
  Napi::ArrayBuffer buffer = view.ArrayBuffer();
  return buffer.IsArrayBuffer() ? buffer.ByteLength() - view.ByteOffset() - view.ByteLength() : 0;
}

Napi::Value js_band(const Napi::CallbackInfo& info) {
  const HandleTable::Use source = handle_table().use(handle(info[0]));
  const Napi::Object rows = object(info[1], "rows");
  const int first = static_cast<int>(integer(rows.Get("first"), "rows.first", 0, INT32_MAX));
  const int count = static_cast<int>(integer(rows.Get("count"), "rows.count", 1, INT32_MAX));
  const std::span<uint8_t> packed = bytes(info[2], "packed");
  const size_t behind = bytes_behind(info[2].As<Napi::Uint8Array>());
  return Napi::Number::New(info.Env(), source->band(first, count, packed.data(), packed.size(), behind));
}

Napi::Value js_drop(const Napi::CallbackInfo& info) {
  handle_table().drop(handle(info[0]));
  return info.Env().Undefined();
}

Napi::Value js_configure_pool(const Napi::CallbackInfo& info) {
  process_pool().configure(static_cast<size_t>(integer(info[0], "bytes", 1, static_cast<int64_t>(Arena::kReservedBytes))));
  return info.Env().Undefined();
}

const char* cpu_name() {
  switch (active_cpu()) {
    case Cpu::kAvx512:
      return "avx512";
    case Cpu::kAvx2:
      return "avx2";
    case Cpu::kScalar:
      return "scalar";
  }
  return "scalar";
}

Napi::Value js_statistics(const Napi::CallbackInfo& info) {
  Pool& pool = process_pool();
  const Arena::Usage usage = pool.usage();
  Napi::Object result = Napi::Object::New(info.Env());
  result.Set("cpu", cpu_name());
  result.Set("openHandles", static_cast<double>(handle_table().open_count()));
  result.Set("poolBytes", static_cast<double>(usage.backed_bytes));
  result.Set("poolBytesInUse", static_cast<double>(usage.used_bytes));
  result.Set("inputBytes", static_cast<double>(pool.inputs().usage().used_bytes));
  result.Set("allocations", static_cast<double>(pool.allocations()));
  return result;
}

}  // namespace

void register_source(Napi::Object& exports) {
  define<js_open>(exports, "open");
  define<js_input_buffer>(exports, "inputBuffer");
  define<js_band>(exports, "band");
  define<js_finish>(exports, "finish");
  define<js_rewrite>(exports, "rewrite");
  define<js_drop>(exports, "drop");
  define<js_configure_pool>(exports, "configurePool");
  define<js_statistics>(exports, "statistics");
}

}  // namespace ccarchiver::binding
