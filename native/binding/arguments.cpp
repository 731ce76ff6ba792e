#include "arguments.h"

#include <cmath>

#include "../core/layout_check.h"

namespace ccarchiver::binding {

namespace {

[[noreturn]] void wrong(const char* name, const std::string& expected) { throw bad_argument(std::string(name) + " must be " + expected); }

template <typename Array>
auto elements(const Napi::Value& value, const char* name, napi_typedarray_type type, const char* expected) {
  if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) wrong(name, expected);
  Array array = value.As<Array>();
  return std::span(array.Data(), array.ElementLength());
}

CcdLayout ccd_layout(const Napi::Object& from) {
  CcdLayout ccd;
  ccd.group = static_cast<int>(integer(from.Get("group"), "group", 0, kMaxGroups - 1));
  const Napi::Array channels = array(from.Get("channels"), "channels");
  ccd.segments = static_cast<int>(integer(Napi::Number::New(from.Env(), channels.Length()), "channels.length", 1, kChannels));
  for (int f = 0; f < ccd.segments; f++) {
    ccd.channel[f] = static_cast<uint8_t>(integer(channels.Get(static_cast<uint32_t>(f)), "channel", 0, kChannels - 1));
  }
  return ccd;
}

}  // namespace

int64_t integer(const Napi::Value& value, const char* name, int64_t minimum, int64_t maximum) {
  const std::string range = "an integer from " + std::to_string(minimum) + " to " + std::to_string(maximum);
  if (!value.IsNumber()) wrong(name, range);
  const double number = value.As<Napi::Number>().DoubleValue();
  if (!(number >= static_cast<double>(minimum) && number <= static_cast<double>(maximum)) || number != std::trunc(number)) wrong(name, range);
  return static_cast<int64_t>(number);
}

std::string text(const Napi::Value& value, const char* name) {
  if (!value.IsString()) wrong(name, "a string");
  std::string result = value.As<Napi::String>().Utf8Value();
  if (result.empty() || result.find('\0') != result.npos) wrong(name, "a string that is not empty and has no NUL");
  return result;
}

Napi::Object object(const Napi::Value& value, const char* name) {
  if (!value.IsObject()) wrong(name, "an object");
  return value.As<Napi::Object>();
}

Napi::Array array(const Napi::Value& value, const char* name) {
  if (!value.IsArray()) wrong(name, "an array");
  return value.As<Napi::Array>();
}

std::span<uint8_t> bytes(const Napi::Value& value, const char* name) {
  return elements<Napi::Uint8Array>(value, name, napi_uint8_array, "a Uint8Array");
}

std::span<int32_t> pixels(const Napi::Value& value, const char* name) {
  return elements<Napi::Int32Array>(value, name, napi_int32_array, "an Int32Array");
}

std::span<float> floats(const Napi::Value& value, const char* name) {
  return elements<Napi::Float32Array>(value, name, napi_float32_array, "a Float32Array");
}

SourceLayout layout(const Napi::Value& value) {
  const Napi::Object from = object(value, "layout");
  const Napi::Array pedestal = array(from.Get("pedestal"), "pedestal");
  const Napi::Array ccds = array(from.Get("ccds"), "ccds");
  SourceLayout result;
  result.groups = static_cast<int>(integer(from.Get("groups"), "groups", 1, kMaxGroups));
  result.columns = static_cast<int>(integer(from.Get("columns"), "columns", 1, kMaxColumns));
  result.rows = static_cast<int>(integer(from.Get("rows"), "rows", 1, kMaxRows));
  result.xor_mask = static_cast<uint32_t>(integer(from.Get("xor"), "xor", 0, kMaxPixel));
  result.pedestal_first = static_cast<int>(integer(pedestal.Get(0u), "pedestal[0]", 0, kMaxColumns));
  result.pedestal_end = static_cast<int>(integer(pedestal.Get(1u), "pedestal[1]", 0, kMaxColumns));
  result.ccd_count = static_cast<int>(integer(Napi::Number::New(value.Env(), ccds.Length()), "ccds.length", 1, kMaxCcds));
  for (int ccd = 0; ccd < result.ccd_count; ccd++) {
    result.ccd[ccd] = ccd_layout(object(ccds.Get(static_cast<uint32_t>(ccd)), "ccd"));
  }
  check_layout(result);
  return result;
}

namespace {

void read_coefficients(const Napi::Value& value, const char* name, int segments, float out[kChannels][kChannels]) {
  const std::span<float> from = floats(value, name);
  const size_t n = static_cast<size_t>(segments);
  if (from.size() != n * n) throw bad_argument(std::string(name) + " must hold " + std::to_string(n * n) + " coefficients");
  for (size_t s = 0; s < n; s++) {
    for (size_t t = 0; t < n; t++) out[s][t] = from[s * n + t];
  }
}

}  // namespace

bool crosstalk_of(const Napi::Value& layout, const SourceLayout& checked, int ccd, Crosstalk& out) {
  const Napi::Array ccds = array(object(layout, "layout").Get("ccds"), "ccds");
  const Napi::Value value = object(ccds.Get(static_cast<uint32_t>(ccd)), "ccd").Get("crosstalk");
  if (value.IsUndefined()) return false;
  const Napi::Object crosstalk = object(value, "crosstalk");
  read_coefficients(crosstalk.Get("linear"), "crosstalk.linear", checked.ccd[ccd].segments, out.linear);
  read_coefficients(crosstalk.Get("quadratic"), "crosstalk.quadratic", checked.ccd[ccd].segments, out.quadratic);
  return true;
}

double number(const Napi::Value& value, const char* name, double minimum, double maximum) {
  const double result = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  if (result >= minimum && result <= maximum) return result;
  throw bad_argument(std::string(name) + " must be a number from " + std::to_string(minimum) + " to " + std::to_string(maximum));
}

Napi::Error to_js(Napi::Env env, const Failure& failure) {
  Napi::Object details = Napi::Object::New(env);
  std::string message = failure.code();
  for (const auto& [name, value] : failure.details()) {
    if (const std::string* said = std::get_if<std::string>(&value)) {
      details.Set(name, *said);
      message += std::string(", ") + name + ": " + *said;
    } else {
      details.Set(name, std::get<double>(value));
      message += std::string(", ") + name + ": " + std::to_string(static_cast<int64_t>(std::get<double>(value)));
    }
  }
  Napi::Error error = Napi::Error::New(env, message);
  error.Set("code", failure.code());
  error.Set("details", details);
  return error;
}

Napi::Error current_to_js(Napi::Env env) {
  try {
    throw;
  } catch (const Napi::Error& error) {
    return error;
  } catch (const Failure& failure) {
    return to_js(env, failure);
  } catch (const std::exception& error) {
    return to_js(env, Failure("INTERNAL", {{"problem", error.what()}}));
  } catch (...) {
    return to_js(env, Failure("INTERNAL", {{"problem", "an unknown native exception"}}));
  }
}

void throw_to_js(Napi::Env env) noexcept {
  try {
    current_to_js(env).ThrowAsJavaScriptException();
  } catch (...) {
  }
}

}  // namespace ccarchiver::binding
