// <immintrin.h> for AVX-512 files. GCC 12 warns of its own header, which leaves lanes that no mask selects uninitialized on purpose
// (GCC bug 105593).
#pragma once
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>
#pragma GCC diagnostic pop
