// Bands in any order and on any thread make the same rows; a band that is refused leaves no trace.
#include "../core/source.h"

#include <cstring>
#include <numeric>
#include <thread>

#include "../core/checksum.h"
#include "../core/failure.h"
#include "../core/row_scratch.h"
#include "../core/segment_data.h"
#include "support/guarded.h"
#include "support/run.h"
#include "support/small_source.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

constexpr int kRows = 24;

// Everything that a file takes from a source.
std::vector<uint8_t> contents(const Source& source, int ccd, Product product) {
  const RowSegments made(source, ccd, product);
  std::vector<uint8_t> bytes;
  for (int f = 0; f < made.segments(); f++) {
    const SegmentSize size = made.size(f);
    const size_t at = bytes.size();
    bytes.resize(at + size.data);
    made.copy(f, &bytes[at]);
    for (const uint32_t number : {size.longest_row, made.pixel_sum(f)}) {
      for (int i = 0; i < 4; i++) bytes.push_back(static_cast<uint8_t>(number >> 8 * i));
    }
  }
  return bytes;
}

uint32_t band(Source& source, const std::vector<uint8_t>& packed, int first, int count) {
  const size_t row_bytes = source.options().layout.row_bytes();
  // Ends at a forbidden page, as a caller's buffer may.
  Guarded<uint8_t> rows(packed.data() + row_bytes * static_cast<size_t>(first), row_bytes * static_cast<size_t>(count));
  return source.band(first, count, rows.data(), row_bytes * static_cast<size_t>(count));
}

std::string refusal(Source& source, const std::vector<uint8_t>& packed, int first, int count, size_t bytes) {
  try {
    source.band(first, count, packed.data(), bytes);
    return "";
  } catch (const Failure& failure) {
    return failure.code();
  }
}

}  // namespace

TEST_CASE("bands in any order give the rows of one band, for every board, product and compression") {
  for (const NamedLayout& board : all_layouts(33)) {
    for (const Compression compression : {Compression::kRice, Compression::kNone}) {
      INFO(board.name);
      SourceOptions options = source_options(board.layout, kRows, compression);
      want_corrected(options);
      const std::vector<uint8_t> packed = noisy_rows(options.layout, kRows, 1);
      Pool pool;
      Source whole(options, pool);
      Source pieces(options, pool);
      band(whole, packed, 0, kRows);
      for (const int first : {20, 0, 12, 4, 16, 8}) band(pieces, packed, first, 4);
      for (int ccd = 0; ccd < options.layout.ccd_count; ccd++) {
        for (const Product product : {Product::kRaw, Product::kCorrected}) {
          CHECK(contents(whole, ccd, product) == contents(pieces, ccd, product));
        }
        CHECK(contents(whole, ccd, Product::kRaw) != contents(whole, ccd, Product::kCorrected));
      }
    }
  }
}

TEST_CASE("two threads may band different rows at once") {
  SourceOptions options = source_options(science_layout(40), kRows);
  const std::vector<uint8_t> packed = noisy_rows(options.layout, kRows, 2);
  Pool pool;
  Source alone(options, pool);
  band(alone, packed, 0, kRows);
  for (int repeat = 0; repeat < 20; repeat++) {
    Source shared(options, pool);
    const auto every_second = [&](int from) {
      for (int row = from; row < kRows; row += 2) band(shared, packed, row, 1);
    };
    std::thread other(every_second, 0);
    every_second(1);
    other.join();
    CHECK(contents(shared, 2, Product::kRaw) == contents(alone, 2, Product::kRaw));
  }
}

TEST_CASE("of two threads that give the same row one is refused") {
  SourceOptions options = source_options(science_layout(40), kRows);
  const std::vector<uint8_t> packed = noisy_rows(options.layout, kRows, 2);
  Pool pool;
  Source source(options, pool);
  std::string codes[2];
  const size_t bytes = packed.size();
  std::thread other([&] { codes[0] = refusal(source, packed, 0, kRows, bytes); });
  codes[1] = refusal(source, packed, 0, kRows, bytes);
  other.join();
  CHECK((codes[0] + codes[1]) == "NATIVE_ARGUMENT");
  CHECK_NOTHROW(source.finished(0, Product::kRaw));
}

TEST_CASE("what lies behind a band may be read and changes nothing") {
  const SourceOptions options = source_options(science_layout(20), 4);
  const std::vector<uint8_t> packed = noisy_rows(options.layout, 4, 3);
  on_each_cpu([&] {
    Pool pool;
    Source alone(options, pool);
    const uint32_t crc = band(alone, packed, 0, 4);
    for (const size_t behind : {kReadSlack, kReadSlack - 1}) {
      Guarded<uint8_t> rows(packed.size() + behind);
      std::memset(rows.data(), 0xaa, packed.size() + behind);
      std::memcpy(rows.data(), packed.data(), packed.size());
      Source source(options, pool);
      CHECK(source.band(0, 4, rows.data(), packed.size(), behind) == crc);
      CHECK(contents(source, 0, Product::kRaw) == contents(alone, 0, Product::kRaw));
    }
  });
}

TEST_CASE("a band returns the CRC-32 of its bytes") {
  SourceOptions options = source_options(science_layout(20), 4);
  const std::vector<uint8_t> packed = noisy_rows(options.layout, 4, 3);
  Pool pool;
  Source source(options, pool);
  const size_t half = packed.size() / 2;
  const uint32_t second = band(source, packed, 2, 2);
  const uint32_t first = band(source, packed, 0, 2);
  CHECK(second == crc32(packed.data() + half, half));
  CHECK(crc32_combine(first, second, half) == crc32(packed.data(), packed.size()));
}

TEST_CASE("rows out of range, given twice or of a wrong length are refused and change nothing") {
  SourceOptions options = source_options(science_layout(20), kRows);
  const std::vector<uint8_t> packed = noisy_rows(options.layout, kRows, 4);
  const size_t row = options.layout.row_bytes();
  Pool pool;
  Source source(options, pool);
  band(source, packed, 4, 4);
  const size_t used = pool.usage().used_bytes;
  for (const auto& [first, count] : std::vector<std::pair<int, int>>{{-1, 1}, {0, 0}, {0, -1}, {kRows, 1}, {0, kRows + 1}, {kRows - 1, 2}, {1, INT32_MAX}, {INT32_MAX, 1}}) {
    CHECK(refusal(source, packed, first, count, row) == "NATIVE_ARGUMENT");
  }
  CHECK(refusal(source, packed, 0, 1, row - 1) == "NATIVE_ARGUMENT");
  CHECK(refusal(source, packed, 0, 1, row + 1) == "NATIVE_ARGUMENT");
  CHECK(refusal(source, packed, 0, 5, 5 * row) == "NATIVE_ARGUMENT");  // rows 0 to 3 stay missing
  CHECK(refusal(source, packed, 7, 1, row) == "NATIVE_ARGUMENT");
  CHECK(pool.usage().used_bytes == used);
  band(source, packed, 0, 4);
  band(source, packed, 8, kRows - 8);
  Source clean(options, pool);
  band(clean, packed, 0, kRows);
  CHECK(contents(source, 1, Product::kRaw) == contents(clean, 1, Product::kRaw));
}

TEST_CASE("a band that found the pool exhausted can be repeated") {
  SourceOptions options = source_options(science_layout(2048), 16, Compression::kNone);
  const std::vector<uint8_t> packed = noisy_rows(options.layout, 16, 5);
  Pool pool;
  pool.configure(8 * Arena::kBlockBytes);
  Source source(options, pool);
  CHECK(refusal(source, packed, 0, 16, packed.size()) == "POOL_EXHAUSTED");
  CHECK(pool.usage().used_bytes == 0);
  pool.configure(Pool::kDefaultBytes);
  CHECK(refusal(source, packed, 0, 16, packed.size()) == "");
  Source clean(options, pool);
  band(clean, packed, 0, 16);
  CHECK(contents(source, 0, Product::kRaw) == contents(clean, 0, Product::kRaw));
}

TEST_CASE("a source with rows missing, or without the product, has nothing to finish") {
  SourceOptions options = source_options(science_layout(20), kRows);
  want_corrected(options);
  options.has_crosstalk[1] = false;
  const std::vector<uint8_t> packed = noisy_rows(options.layout, kRows, 6);
  Pool pool;
  Source source(options, pool);
  band(source, packed, 1, kRows - 1);
  CHECK_THROWS_AS(source.finished(0, Product::kRaw), Failure);
  band(source, packed, 0, 1);
  CHECK_NOTHROW(source.finished(0, Product::kRaw));
  CHECK_NOTHROW(source.finished(0, Product::kCorrected));
  CHECK_THROWS_AS(source.finished(1, Product::kCorrected), Failure);
  CHECK_THROWS_AS(source.finished(3, Product::kRaw), Failure);
  CHECK_THROWS_AS(source.finished(-1, Product::kRaw), Failure);
}

TEST_CASE("what a source holds goes back with it") {
  Pool pool;
  SourceOptions options = source_options(science_layout(20), kRows);
  {
    Source source(options, pool);
    band(source, noisy_rows(options.layout, kRows, 7), 0, kRows);
    CHECK(pool.usage().used_bytes > 0);
  }
  CHECK(pool.usage().used_bytes == 0);
}

TEST_CASE("a layout out of range is refused") {
  Pool pool;
  const auto refuses = [&](auto change) {
    SourceOptions options = source_options(science_layout(20), kRows);
    change(options.layout);
    CHECK_THROWS_AS(Source(options, pool), Failure);
  };
  refuses([](SourceLayout& layout) { layout.groups = 0; });
  refuses([](SourceLayout& layout) { layout.groups = 4; });
  refuses([](SourceLayout& layout) { layout.columns = 0; });
  refuses([](SourceLayout& layout) { layout.columns = 2049; });
  refuses([](SourceLayout& layout) { layout.rows = 0; });
  refuses([](SourceLayout& layout) { layout.rows = 16385; });
  refuses([](SourceLayout& layout) { layout.xor_mask = 1 << 18; });
  refuses([](SourceLayout& layout) { layout.pedestal_first = -1; });
  refuses([](SourceLayout& layout) { layout.pedestal_end = layout.pedestal_first; });
  refuses([](SourceLayout& layout) { layout.pedestal_end = 21; });
  refuses([](SourceLayout& layout) { layout.ccd_count = 0; });
  refuses([](SourceLayout& layout) { layout.ccd_count = 4; });
  refuses([](SourceLayout& layout) { layout.ccd[1].group = 3; });
  refuses([](SourceLayout& layout) { layout.ccd[1].segments = 0; });
  refuses([](SourceLayout& layout) { layout.ccd[1].segments = 17; });
  refuses([](SourceLayout& layout) { layout.ccd[1].channel[3] = 16; });
  refuses([](SourceLayout& layout) { layout.ccd[1].channel[3] = layout.ccd[1].channel[4]; });
}
