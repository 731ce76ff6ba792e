// A handle is valid from add to drop, never after, and a source in use outlives its handle.
#include "../core/handle_table.h"

#include <set>
#include <thread>

#include "../core/failure.h"
#include "support/run.h"
#include "support/small_source.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

SourceOptions small_source() { return source_options(science_layout(20), 4); }

}  // namespace

TEST_CASE("a dropped handle is refused, also when its place was taken again") {
  Pool pool;
  HandleTable table(pool);
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; i++) {
    const uint64_t handle = table.open(small_source());
    CHECK(seen.insert(handle).second);
    CHECK(handle < uint64_t{1} << 53);
    CHECK(table.use(handle)->options().layout.rows == 4);
    table.drop(handle);
    for (const uint64_t old : seen) CHECK_THROWS_AS(table.use(old), Failure);
    CHECK_THROWS_AS(table.drop(handle), Failure);
  }
  CHECK(table.open_count() == 0);
}

TEST_CASE("numbers that never were handles are refused") {
  Pool pool;
  HandleTable table(pool);
  const uint64_t handle = table.open(small_source());
  for (const uint64_t other : {uint64_t{0}, uint64_t{1}, handle + 1, handle - 1, handle + HandleTable::kMaxOpen, (uint64_t{1} << 53) - 1}) {
    CHECK_THROWS_AS(table.use(other), Failure);
  }
}

TEST_CASE("a source that is in use stays open after its handle was dropped, and its place stays taken") {
  Pool pool;
  HandleTable table(pool);
  const uint64_t handle = table.open(small_source());
  {
    const HandleTable::Use in_use = table.use(handle);
    const std::vector<uint8_t> packed = noisy_rows(in_use->options().layout, 4, 1);
    table.drop(handle);
    CHECK(table.open_count() == 0);
    const uint64_t other = table.open(small_source());
    CHECK(&*table.use(other) != &*in_use);
    in_use->band(0, 4, packed.data(), packed.size());
    CHECK(in_use->finished(0, Product::kRaw).rows.size() == 4);
    CHECK_THROWS_AS(table.use(other)->finished(0, Product::kRaw), Failure);
    table.drop(other);
    CHECK(pool.usage().used_bytes > 0);
  }
  CHECK(pool.usage().used_bytes == 0);
}

TEST_CASE("sources that follow each other are the same one, opened anew, and need no memory") {
  Pool pool;
  HandleTable table(pool);
  SourceOptions options = small_source();
  want_corrected(options);
  const std::vector<uint8_t> packed = noisy_rows(options.layout, 4, 1);
  uint64_t warm = 0;
  const Source* first = nullptr;
  for (int image = 0; image < 20; image++) {
    const uint64_t handle = table.open(options);
    const HandleTable::Use source = table.use(handle);
    if (first == nullptr) first = &*source;
    CHECK(&*source == first);
    CHECK_THROWS_AS(source->finished(0, Product::kRaw), Failure);
    for (const int row : {2, 0, 3, 1}) source->band(row, 1, packed.data(), options.layout.row_bytes());
    CHECK_NOTHROW(source->finished(2, Product::kCorrected));
    table.drop(handle);
    if (image == 0) warm = pool.allocations();
  }
  CHECK(warm > 0);
  CHECK(pool.allocations() == warm);
}

TEST_CASE("a layout that is refused leaves its place free") {
  Pool pool;
  HandleTable table(pool);
  SourceOptions wrong = small_source();
  wrong.layout.groups = 4;
  for (int i = 0; i < 3; i++) CHECK_THROWS_AS(table.open(wrong), Failure);
  CHECK(table.open_count() == 0);
  CHECK(pool.allocations() == 1);
  CHECK_NOTHROW(table.use(table.open(small_source())));
}

TEST_CASE("threads that open, use and drop never share a source") {
  Pool pool;
  HandleTable table(pool);
  std::vector<std::thread> threads;
  bool intact[4] = {};
  for (int id = 0; id < 4; id++) {
    threads.emplace_back([&, id] {
      const SourceOptions options = source_options(science_layout(20), 4 + id);
      const std::vector<uint8_t> packed = noisy_rows(options.layout, 1, static_cast<uint64_t>(id));
      intact[id] = true;
      for (int i = 0; i < 500; i++) {
        const uint64_t handle = table.open(options);
        const HandleTable::Use source = table.use(handle);
        source->band(0, 1, packed.data(), packed.size());
        if (i % 2 == 0) table.drop(handle);
        intact[id] = intact[id] && source->options().layout.rows == 4 + id;
        if (i % 2 != 0) table.drop(handle);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const bool one : intact) CHECK(one);
  CHECK(table.open_count() == 0);
  CHECK(pool.usage().used_bytes == 0);
}
