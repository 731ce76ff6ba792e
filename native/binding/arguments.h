// Checked reading of JavaScript values, and the way errors go back. Every reader throws NATIVE_ARGUMENT that names the argument.
#pragma once
#include <napi.h>

#include <cstdint>
#include <span>
#include <string>

#include "../core/failure.h"
#include "../core/geometry.h"
#include "../core/kernels.h"

namespace ccarchiver::binding {

// An integer within [minimum, maximum].
int64_t integer(const Napi::Value& value, const char* name, int64_t minimum, int64_t maximum);
std::string text(const Napi::Value& value, const char* name);
Napi::Object object(const Napi::Value& value, const char* name);
Napi::Array array(const Napi::Value& value, const char* name);
// The bytes stay JavaScript's: valid until the call returns.
std::span<uint8_t> bytes(const Napi::Value& value, const char* name);
std::span<int32_t> pixels(const Napi::Value& value, const char* name);
std::span<float> floats(const Napi::Value& value, const char* name);
// SourceLayout of src/native/layout.ts, checked.
SourceLayout layout(const Napi::Value& value);
// Coefficients of one of its CCDs; false when it has none.
bool crosstalk_of(const Napi::Value& layout, const SourceLayout& checked, int ccd, Crosstalk& out);
// A finite number within [minimum, maximum].
double number(const Napi::Value& value, const char* name, double minimum, double maximum);

// An Error with `code` and `details` of the error table (src/model/errors.ts).
Napi::Error to_js(Napi::Env env, const Failure& failure);
// Any exception that is under way.
Napi::Error current_to_js(Napi::Env env);

// Throws the exception that is under way in JavaScript. A thread that is being terminated takes no exception any more; then there is nobody to tell.
void throw_to_js(Napi::Env env) noexcept;

// The edge: nothing but a JavaScript exception leaves a native function.
template <Napi::Value (*function)(const Napi::CallbackInfo&)>
Napi::Value guarded(const Napi::CallbackInfo& info) noexcept {
  try {
    return function(info);
  } catch (...) {
    throw_to_js(info.Env());
    return Napi::Value();
  }
}

template <Napi::Value (*function)(const Napi::CallbackInfo&)>
void define(Napi::Object& exports, const char* name) {
  exports.Set(name, Napi::Function::New<guarded<function>>(exports.Env(), name));
}

}  // namespace ccarchiver::binding
