// Entry of the addon. Every JavaScript environment (main thread, each worker thread) runs it; what they share lives in native/core, so nothing is
// kept per environment.
#include "groups.h"

namespace {

Napi::Object init(Napi::Env, Napi::Object exports) {
  ccarchiver::binding::register_source(exports);
  ccarchiver::binding::register_codec(exports);
  ccarchiver::binding::register_sums(exports);
  ccarchiver::binding::register_quicklook(exports);
  ccarchiver::binding::register_synth(exports);
  ccarchiver::binding::register_row_kernels(exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(ccarchiver, init)
