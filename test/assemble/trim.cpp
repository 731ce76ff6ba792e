// Gives what is free in glibc's heaps back to the system, so that a resident set shows what is held: module.exports = () => void.
#include <malloc.h>
#include <node_api.h>

static napi_value trim(napi_env, napi_callback_info) {
  malloc_trim(0);
  return nullptr;
}

NAPI_MODULE_INIT() {
  napi_value function;
  return napi_create_function(env, "trim", NAPI_AUTO_LENGTH, trim, nullptr, &function) == napi_ok ? function : nullptr;
}
