// The ranges within which the native code is right; a layout from outside passes here before anything else sees it.
#pragma once
#include "geometry.h"

namespace ccarchiver {

inline constexpr int kMaxColumns = 2048;
inline constexpr int kMaxRows = 16384;

// Throws NATIVE_ARGUMENT that names the value out of range.
void check_layout(const SourceLayout& layout);

}  // namespace ccarchiver
