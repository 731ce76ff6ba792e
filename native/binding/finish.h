// finish: gathers a file image on the calling thread, writes and syncs it on another.
#pragma once
#include <napi.h>

#include "../core/source.h"

namespace ccarchiver::binding {

uint64_t handle(const Napi::Value& value);
Product product(const Napi::Value& value);

// (handle, FileSpec) -> Promise<WrittenFile>; every error rejects the promise.
Napi::Value js_finish(const Napi::CallbackInfo& info);

}  // namespace ccarchiver::binding
