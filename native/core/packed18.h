// Where one 18-bit ADC value stands in its 36-byte group (Rubin raw format, DAQ sample): channel c is bits [18 c, 18 c
// + 18) of a stream that fills each byte from its least significant bit. A 32-bit little-endian load at byte_of(c),
// shifted right by shift_of(c), holds it whole.
#pragma once
#include <cstdint>

namespace ccarchiver {
namespace {  // internal linkage: no copy compiled for a newer processor may stand in for another

constexpr int kValueBits = 18;
constexpr uint32_t kValueMask = (1u << kValueBits) - 1;

constexpr int byte_of(int channel) { return channel * kValueBits / 8; }
constexpr int shift_of(int channel) { return channel * kValueBits % 8; }

}  // namespace
}  // namespace ccarchiver
