// A handle is valid from add to drop, never after, and a source in use outlives its handle.
#include "../core/handle_table.h"

#include <set>

#include "../core/failure.h"
#include "support/run.h"
#include "support/small_source.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

std::shared_ptr<Source> make_source(Pool& pool) { return std::make_shared<Source>(source_options(science_layout(20), 4), pool); }

}  // namespace

TEST_CASE("a dropped handle is refused, also when its place was taken again") {
  Pool pool;
  HandleTable table;
  std::set<uint64_t> seen;
  for (int i = 0; i < 100; i++) {
    const uint64_t handle = table.add(make_source(pool));
    CHECK(seen.insert(handle).second);
    CHECK(handle < uint64_t{1} << 53);
    CHECK(table.get(handle) != nullptr);
    table.drop(handle);
    for (const uint64_t old : seen) CHECK_THROWS_AS(table.get(old), Failure);
    CHECK_THROWS_AS(table.drop(handle), Failure);
  }
  CHECK(table.open_count() == 0);
}

TEST_CASE("numbers that never were handles are refused") {
  HandleTable table;
  Pool pool;
  const uint64_t handle = table.add(make_source(pool));
  for (const uint64_t other : {uint64_t{0}, uint64_t{1}, handle + 1, handle - 1, handle + HandleTable::kMaxOpen, (uint64_t{1} << 53) - 1}) {
    CHECK_THROWS_AS(table.get(other), Failure);
  }
}

TEST_CASE("a source that is in use lives on after its handle was dropped") {
  Pool pool;
  HandleTable table;
  const uint64_t handle = table.add(make_source(pool));
  const std::vector<uint8_t> packed = noisy_rows(table.get(handle)->options().layout, 4, 1);
  std::shared_ptr<Source> in_use = table.get(handle);
  table.drop(handle);
  in_use->band(0, 4, packed.data(), packed.size());
  CHECK(in_use->finished(0, Product::kRaw).rows.size() == 4);
  in_use.reset();
  CHECK(pool.usage().used_bytes == 0);
}
