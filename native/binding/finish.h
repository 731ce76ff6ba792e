// finish and rewrite: gather a file image on the calling thread, write and sync it on another.
#pragma once
#include <napi.h>

#include "../core/source.h"

namespace ccarchiver::binding {

uint64_t handle(const Napi::Value& value);
Product product(const Napi::Value& value);

// (handle, FileSpec) -> Promise<WrittenFile>; every error rejects the promise.
Napi::Value js_finish(const Napi::CallbackInfo& info);
// (StoredFile, FileOrder) -> Promise<WrittenFile>
Napi::Value js_rewrite(const Napi::CallbackInfo& info);

}  // namespace ccarchiver::binding
