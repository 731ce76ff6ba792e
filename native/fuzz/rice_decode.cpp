// Any bytes as a run of tiles: every form of the decoder says the same of them, and touches nothing beside heap and pixels.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "../core/kernels.h"

using namespace ccarchiver;

namespace {

struct Input {
  const uint8_t* data;
  size_t size;

  uint8_t byte() {
    if (size == 0) return 0;
    size--;
    return *data++;
  }
};

void store_big_endian(uint8_t* at, uint32_t value) {
  const uint32_t word = __builtin_bswap32(value);
  std::memcpy(at, &word, sizeof word);
}

// Mostly tiles one after another; sometimes a descriptor that says anything.
std::vector<uint8_t> descriptors_of(Input& input, size_t rows) {
  const bool wild = input.byte() % 4 == 0;
  std::vector<uint8_t> descriptors(rows * 8);
  uint32_t offset = 0;
  for (size_t row = 0; row < rows; row++) {
    const uint32_t length = input.byte();
    const uint32_t shift = wild ? static_cast<uint32_t>(input.byte()) << 24 | input.byte() : 0;
    store_big_endian(&descriptors[row * 8], length);
    store_big_endian(&descriptors[row * 8 + 4], offset + shift);
    offset += length;
  }
  return descriptors;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input = {data, size};
  const int columns = 1 + input.byte() % 80;
  const size_t rows = 1 + input.byte() % 20u;
  const int block_size = input.byte() % 2 == 0 ? 32 : 16;
  const std::vector<uint8_t> descriptors = descriptors_of(input, rows);
  const std::vector<uint8_t> heap(input.data, input.data + input.size);
  std::vector<int32_t> first;
  TileDamage told = {};
  for (const Cpu cpu : {Cpu::kScalar, Cpu::kAvx2, Cpu::kAvx512}) {
    if (!force_cpu(cpu)) continue;
    std::vector<int32_t> out(rows * static_cast<size_t>(columns));
    const TileDamage damage = decode_tiles({descriptors.data(), heap.data(), heap.size(), columns, rows, block_size, out.data()});
    const size_t whole = damage.problem == nullptr ? rows : damage.row;
    if (cpu == Cpu::kScalar) {
      first = out;
      told = damage;
    }
    const bool same_words = (damage.problem == nullptr) == (told.problem == nullptr) && (damage.problem == nullptr || std::strcmp(damage.problem, told.problem) == 0);
    if (!same_words || (damage.problem != nullptr && damage.row != told.row)) __builtin_trap();
    if (!std::equal(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(whole * static_cast<size_t>(columns)), first.begin())) __builtin_trap();
  }
  return 0;
}
