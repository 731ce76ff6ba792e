// The groups of native functions. A new group is one file in this folder that defines its register function, one line here and one in module.cpp.
#pragma once
#include <napi.h>

namespace ccarchiver::binding {

void register_source(Napi::Object& exports);  // open, inputBuffer, band, finish, drop, configurePool, statistics
void register_codec(Napi::Object& exports);   // decodeTiles, decodePlain, packRows, unpackRows
void register_sums(Napi::Object& exports);    // dataSum, sealHeader, crc32, crc32Combine
void register_quicklook(Napi::Object& exports);  // ImageTools of src/native/tools.ts
void register_synth(Napi::Object& exports);      // synthesizeRows
void register_row_kernels(Napi::Object& exports);  // RowKernels of src/native/tools.ts

}  // namespace ccarchiver::binding
