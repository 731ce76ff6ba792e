# For those who prefer node-gyp; `npm run build` uses scripts/build-addon.mjs. Keep the flags of both equal.
{
  "target_defaults": {
    "cflags": ["-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra", "-Wno-restrict", "-ffp-contract=off", "-O3"],
    "cflags_cc": ["-std=c++20", "-fexceptions"],
    "cflags_cc!": ["-std=gnu++17", "-fno-exceptions", "-fno-rtti"]
  },
  "targets": [
    { "target_name": "kernels_avx2", "type": "static_library", "sources": ["<!@(node -p \"require('fs').readdirSync('native/core').filter(n=>/_avx2[.]cpp$/.test(n)).map(n=>'native/core/'+n).join(' ')\")"], "cflags": ["-mavx2", "-mvpclmulqdq", "-mfma", "-mbmi2", "-mlzcnt"] },
    {
      "target_name": "kernels_avx512",
      "type": "static_library",
      "sources": ["<!@(node -p \"require('fs').readdirSync('native/core').filter(n=>/_avx512[.]cpp$/.test(n)).map(n=>'native/core/'+n).join(' ')\")"],
      "cflags": ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mavx512cd", "-mavx512vbmi", "-mavx512vbmi2", "-mvpclmulqdq", "-mfma", "-mbmi2", "-mlzcnt"]
    },
    { "target_name": "kernels_fma", "type": "static_library", "sources": ["<!@(node -p \"require('fs').readdirSync('native/core').filter(n=>/_fma[.]cpp$/.test(n)).map(n=>'native/core/'+n).join(' ')\")"], "cflags": ["-mfma"] },
    {
      "target_name": "ccarchiver",
      "sources": ["<!@(node -p \"['core','io','binding'].flatMap(d=>require('fs').readdirSync('native/'+d).filter(n=>/[.]cpp$/.test(n)&&!/_(avx2|avx512|fma)[.]cpp$/.test(n)).map(n=>'native/'+d+'/'+n)).join(' ')\")"],
      "dependencies": ["kernels_avx2", "kernels_avx512", "kernels_fma"],
      "include_dirs": ["<!(node -p \"require('node-api-headers').include_dir\")", "<!(node -p \"require('path').resolve('node_modules/node-addon-api')\")"],
      "defines": ["NAPI_VERSION=8", "NAPI_CPP_EXCEPTIONS", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "ldflags": ["-Wl,-z,nodelete"]
    }
  ]
}
