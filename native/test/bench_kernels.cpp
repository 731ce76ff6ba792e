// Milliseconds of processor time per CCD (16 segments of 576 x 2048) of each kernel and instruction set, beside cfitsio
// and memcpy in the same run. All contenders take turns; medians of 7 rounds. Not a test: `node scripts/test-native.mjs
// --bench`.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "../core/checksum.h"
#include "../core/kernels.h"
#include "support/comcam_crosstalk.h"
#include "support/layouts.h"
#include "support/random.h"

#if __has_include(<fitsio.h>)
#include <fitsio.h>
#define HAVE_CFITSIO 1
extern "C" int fits_rcomp(int pixels[], int count, unsigned char* out, int out_size, int block_size);
extern "C" int fits_rdecomp(unsigned char* tile, int bytes, unsigned int pixels[], int count, int block_size);
#endif

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

constexpr int kColumns = 576;
constexpr int kRows = 2048;
constexpr size_t kStripeRow = size_t{kColumns} * kChannels;
constexpr int kRounds = 7;

// The thread's own time: what other programs do meanwhile hardly shows.
double processor_ms() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

// One REB of sky: bias, read noise and photon noise of 1000 adu at 1.5 e/adu, and stars of which some saturate.
struct Reb {
  SourceLayout layout = science_layout(kColumns);
  std::vector<int32_t> stripes =
      std::vector<int32_t>(kStripeRow * kRows);  // of CCD 0; the others hold it rolled by some rows
  std::vector<uint8_t> packed;
  Crosstalk crosstalk;

  Reb() {
    layout.pedestal_first = 517;
    layout.pedestal_end = 576;
    Random random(22);
    for (size_t i = 0; i < stripes.size(); i++) {
      stripes[i] = 25000 + static_cast<int32_t>(i % kChannels) * 100 + static_cast<int32_t>(27 * random.normal());
      if (i / kChannels % kColumns < 512) stripes[i] += 1000;
    }
    for (int star = 0; star < 220 * kChannels; star++) add_star(random);
    packed.resize(layout.row_bytes() * kRows + 64);
    for (size_t row = 0; row < kRows; row++) {
      const int32_t* const ccds[] = {row_at(row, 0), row_at(row, 1), row_at(row, 2)};
      pack_row(layout, ccds, &packed[row * layout.row_bytes()]);
    }
    for (int s = 0; s < kChannels; s++) {
      for (int t = 0; t < kChannels; t++) {
        crosstalk.linear[s][t] = static_cast<float>(kComcamLinear[s][t]);
        crosstalk.quadratic[s][t] = static_cast<float>(kComcamQuadratic[s][t]);
      }
    }
  }

  const int32_t* row_at(size_t row, int ccd) const {
    return &stripes[(row + 700 * static_cast<size_t>(ccd)) % kRows * kStripeRow];
  }

  // Each segment's row in one piece, as cfitsio wants it.
  std::vector<int> planar() const {
    std::vector<int> made(stripes.size());
    for (size_t i = 0; i < made.size(); i++) {
      made[(i / kStripeRow * kChannels + i % kChannels) * kColumns + i / kChannels % kColumns] = stripes[i];
    }
    return made;
  }

  void add_star(Random& random) {
    const int x = random.between(10, 500), y = random.between(10, kRows - 10), f = random.between(0, kChannels - 1);
    const double peak = std::exp(5 + 8 * random.uniform());
    for (int dy = -8; dy <= 8; dy++) {
      for (int dx = -8; dx <= 8; dx++) {
        int32_t& pixel =
            stripes[static_cast<size_t>(y + dy) * kStripeRow + static_cast<size_t>((x + dx) * kChannels + f)];
        pixel = std::min(kMaxPixel, pixel + static_cast<int32_t>(peak * std::exp(-(dx * dx + dy * dy) / 8.0)));
      }
    }
  }
};

// The Rice tiles of a CCD as the product keeps them: made in scratch of one row, then laid out one after the other.
struct Tiles {
  size_t bound = (rice_row_bound(kColumns) / 64 | 1) * 64 + 128;  // an odd number of cache lines
  std::vector<uint8_t> scratch = std::vector<uint8_t>(bound * kChannels);
  std::vector<uint8_t> bytes = std::vector<uint8_t>(kStripeRow * kRows * 4);
  std::vector<size_t> end = std::vector<size_t>(size_t{kChannels} * kRows);
  std::vector<uint32_t> length = std::vector<uint32_t>(kChannels);

  uint8_t* scratch_of(size_t f) { return &scratch[f * bound]; }
  size_t begin(size_t row, size_t f) const { return row + f == 0 ? 0 : end[row * kChannels + f - 1]; }
  size_t length_at(size_t row, size_t f) const { return end[row * kChannels + f] - begin(row, f); }
  uint8_t* at(size_t row, size_t f) { return &bytes[begin(row, f)]; }

  void encode(const int32_t* stripes) {
    uint8_t* out[kChannels];
    for (size_t f = 0; f < kChannels; f++) out[f] = scratch_of(f);
    rice_encode_row(stripes, kColumns, kChannels, out, length.data());
  }

  void encode_and_keep(const int32_t* stripes, size_t row) {
    encode(stripes);
    for (size_t f = 0; f < kChannels; f++) {
      std::memcpy(at(row, f), scratch_of(f), length[f]);
      end[row * kChannels + f] = begin(row, f) + length[f];
    }
  }
};

struct Bench {
  Reb reb;
  Tiles tiles;
  std::vector<int32_t> row = std::vector<int32_t>(kStripeRow);
  std::vector<int32_t> corrected = std::vector<int32_t>(kStripeRow);
  std::vector<int> planar = reb.planar();
  std::vector<int32_t> copy = std::vector<int32_t>(kStripeRow * kRows);
  std::vector<std::string> order;
  std::map<std::string, std::vector<double>> times;

  void time(const std::string& name, const std::function<void(size_t row, int ccd)>& work) {
    const double start = processor_ms();
    for (size_t r = 0; r < kRows; r++) {
      for (int ccd = 0; ccd < kMaxCcds; ccd++) work(r, ccd);
    }
    const double taken = processor_ms() - start;
    if (times.count(name) == 0) order.push_back(name);
    times[name].push_back(taken / kMaxCcds);
  }

  const uint8_t* packed(size_t r) const { return &reb.packed[r * reb.layout.row_bytes()]; }

  // The packed rows hold all CCDs of the REB, so all are done while a row is in the cache; the time is that of one.
  void time_kernels(const std::string& cpu) {
    const SourceLayout& layout = reb.layout;
    time(cpu + " unpack", [&](size_t r, int ccd) { unpack_row(layout, ccd, packed(r), row.data()); });
    time(cpu + " correct",
         [&](size_t r, int ccd) { correct_row(layout, ccd, reb.crosstalk, reb.row_at(r, ccd), corrected.data()); });
    time(cpu + " pixel sums", [&](size_t r, int ccd) {
      uint64_t sums[kChannels] = {};
      add_pixel_sums(reb.row_at(r, ccd), kColumns, kChannels, sums);
    });
    time(cpu + " rice encode", [&](size_t r, int ccd) { tiles.encode(reb.row_at(r, ccd)); });
    time(cpu + " unpack+rice+keep", [&](size_t r, int ccd) {
      unpack_row(layout, ccd, packed(r), row.data());
      tiles.encode_and_keep(row.data(), r);
    });
    time(cpu + " unpack+correct+rice+keep", [&](size_t r, int ccd) {
      unpack_row(layout, ccd, packed(r), row.data());
      correct_row(layout, ccd, reb.crosstalk, row.data(), corrected.data());
      tiles.encode_and_keep(corrected.data(), r);
    });
  }

  void time_others() {
    for (size_t r = 0; r < kRows; r++) tiles.encode_and_keep(reb.row_at(r, 0), r);
    time("rice decode", [&](size_t r, int) {
      for (size_t f = 0; f < kChannels; f++) {
        rice_decode(tiles.at(r, f), tiles.length_at(r, f), kColumns, 32, row.data());
      }
    });
    const size_t packed_bytes = reb.layout.row_bytes() / kMaxCcds;
    time("crc32 of 42 MB", [&](size_t r, int ccd) { crc32(packed(r) + packed_bytes * ccd, packed_bytes); });
    time("data sum of 75 MB", [&](size_t r, int) { data_sum(reb.row_at(r, 0), kStripeRow * 4); });
    time("memcpy of 75 MB",
         [&](size_t r, int) { std::memcpy(&copy[r * kStripeRow], reb.row_at(r, 0), kStripeRow * 4); });
#ifdef HAVE_CFITSIO
    time("cfitsio fits_rcomp", [&](size_t r, int) {
      for (size_t f = 0; f < kChannels; f++) {
        fits_rcomp(&planar[(r * kChannels + f) * kColumns], kColumns, tiles.scratch_of(f),
                   static_cast<int>(tiles.bound), 32);
      }
    });
    time("cfitsio fits_rdecomp", [&](size_t r, int) {
      for (size_t f = 0; f < kChannels; f++) {
        fits_rdecomp(tiles.at(r, f), static_cast<int>(tiles.length_at(r, f)),
                     reinterpret_cast<unsigned int*>(row.data()), kColumns, 32);
      }
    });
#endif
  }

  void print() {
    for (const std::string& name : order) {
      std::vector<double>& taken = times[name];
      std::sort(taken.begin(), taken.end());
      std::printf("%-32s %8.2f ms\n", name.c_str(), taken[taken.size() / 2]);
    }
    std::printf("%.2f bit/pixel\n",
                8.0 * static_cast<double>(tiles.end.back()) / static_cast<double>(kStripeRow * kRows));
  }
};

}  // namespace

int main() {
  static Bench bench;
  for (int round = 0; round < kRounds; round++) {
    for (auto [cpu, name] : {std::pair{Cpu::kScalar, "scalar"}, {Cpu::kAvx2, "avx2"}, {Cpu::kAvx512, "avx512"}}) {
      if (force_cpu(cpu)) bench.time_kernels(name);
    }
    bench.time_others();
  }
  bench.print();
}
