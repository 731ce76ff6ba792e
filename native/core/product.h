// What is made of a CCD's pixels.
#pragma once

namespace ccarchiver {

enum class Product { kRaw = 0, kCorrected = 1 };
inline constexpr int kProducts = 2;

}  // namespace ccarchiver
