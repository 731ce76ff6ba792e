// Memory is bounded, aligned, kept and used again.
#include "../core/pool.h"

#include <sanitizer/asan_interface.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>

#include "../core/failure.h"
#include "support/run.h"

using namespace ccarchiver;

namespace {
constexpr size_t kBlock = Arena::kBlockBytes;
}

TEST_CASE("runs are page-aligned, apart from each other and as long as asked") {
  Arena arena;
  arena.set_limit(16 * kBlock);
  const Run one = arena.take(1);
  const Run three = arena.take(2 * kBlock + 1);
  CHECK(one.bytes() == kBlock);
  CHECK(three.bytes() == 3 * kBlock);
  CHECK(reinterpret_cast<uintptr_t>(one.data()) % 4096 == 0);
  CHECK(three.data() - one.data() == static_cast<std::ptrdiff_t>(kBlock));
  std::memset(one.data(), 1, one.bytes());
  std::memset(three.data(), 3, three.bytes());
  CHECK(one.data()[kBlock - 1] == 1);
}

TEST_CASE("memory begins on a huge page, and the system is asked for huge pages") {
  Arena arena;
  arena.set_limit(16 * kBlock);
  const Run run = arena.take(1);
  const uintptr_t at = reinterpret_cast<uintptr_t>(run.data());
  CHECK(at % (2 << 20) == 0);
  std::ifstream maps("/proc/self/smaps");
  std::string line, flags;
  for (bool here = false; std::getline(maps, line);) {
    uintptr_t start, end;
    if (std::sscanf(line.c_str(), "%zx-%zx ", &start, &end) == 2) here = start <= at && at < end;
    else if (here && line.starts_with("VmFlags:")) flags = line + " ";
  }
  // A kernel without huge pages, or without this file, cannot tell.
  if (std::ifstream("/sys/kernel/mm/transparent_hugepage/enabled").good() && !flags.empty()) CHECK(flags.find(" hg ") != flags.npos);
}

TEST_CASE("beyond the limit nothing is given, and what comes back can be taken again") {
  Arena arena;
  arena.set_limit(4 * kBlock);
  CHECK(arena.take(5 * kBlock).data() == nullptr);
  CHECK(arena.take(SIZE_MAX - kBlock).data() == nullptr);
  std::vector<Run> all;
  for (int i = 0; i < 4; i++) all.push_back(arena.take(kBlock));
  for (const Run& run : all) CHECK(run.data() != nullptr);
  CHECK(arena.take(1).data() == nullptr);
  uint8_t* const third = all[2].data();
  all.erase(all.begin() + 2);
  CHECK(arena.take(2 * kBlock).data() == nullptr);
  CHECK(arena.take(kBlock).data() == third);
}

TEST_CASE("the same use again and again asks the system once") {
  Arena arena;
  arena.set_limit(400 * kBlock);
  for (int image = 0; image < 100; image++) {
    std::vector<Run> runs;
    for (int i = 0; i < 50; i++) runs.push_back(arena.take(static_cast<size_t>(1 + i % 3) * kBlock));
  }
  CHECK(arena.usage().growths == 1);
  CHECK(arena.usage().used_bytes == 0);
  CHECK(arena.usage().backed_bytes <= 400 * kBlock);
}

TEST_CASE("a lower limit refuses new runs until enough came back") {
  Arena arena;
  arena.set_limit(8 * kBlock);
  Run four = arena.take(4 * kBlock);
  arena.set_limit(4 * kBlock);
  CHECK(arena.take(1).data() == nullptr);
  four = Run();
  CHECK(arena.take(1).data() != nullptr);
}

TEST_CASE("rows that took all they can get leave room for a file image") {
  Pool pool;
  pool.configure(16 * kBlock);
  std::vector<Run> rows;
  for (Run run = pool.rows().take(1); run.data() != nullptr; run = pool.rows().take(1)) rows.push_back(std::move(run));
  CHECK(rows.size() == 12);
  CHECK(pool.images().take(4 * kBlock).data() != nullptr);
}

TEST_CASE("input buffers take nothing of the limit, and what they cost is counted") {
  Pool pool;
  pool.configure(8 * kBlock);
  const Run input = pool.inputs().take(16 * kBlock);
  CHECK(input.data() != nullptr);
  CHECK(pool.inputs().usage().used_bytes == 16 * kBlock);
  CHECK(pool.usage().used_bytes == 0);
  CHECK(pool.allocations() == 1);
  CHECK(pool.rows().take(6 * kBlock).data() != nullptr);
  CHECK(pool.allocations() == 2);
}

TEST_CASE("an empty run is POOL_EXHAUSTED with the limit") {
  Pool pool;
  pool.configure(8 * kBlock);
  try {
    pool.require(pool.rows().take(9 * kBlock));
    FAIL("not refused");
  } catch (const Failure& failure) {
    CHECK(std::string(failure.code()) == "POOL_EXHAUSTED");
    CHECK(std::get<double>(failure.details().at(0).second) == 8.0 * kBlock);
  }
}

#ifdef __SANITIZE_ADDRESS__
TEST_CASE("the sanitizer knows which memory is nobody's") {
  Arena arena;
  arena.set_limit(4 * kBlock);
  Run one = arena.take(1);
  Run two = arena.take(1);
  uint8_t* const data = one.data();
  CHECK(__asan_region_is_poisoned(data, 2 * kBlock) == nullptr);
  CHECK(__asan_address_is_poisoned(data + 2 * kBlock));
  one = Run();
  CHECK(__asan_address_is_poisoned(data));
  CHECK(__asan_region_is_poisoned(two.data(), kBlock) == nullptr);
}
#endif

TEST_CASE("threads never get the same block") {
  Arena arena;
  arena.set_limit(64 * kBlock);
  bool intact[4] = {};
  std::vector<std::thread> threads;
  for (uint8_t id = 0; id < 4; id++) {
    threads.emplace_back([&, id] {
      intact[id] = true;
      for (int i = 0; i < 2000; i++) {
        const Run run = arena.take(static_cast<size_t>(1 + i % 4) * kBlock);
        for (size_t at = 0; at < run.bytes(); at += kBlock / 4) run.data()[at] = id;
        for (size_t at = 0; at < run.bytes(); at += kBlock / 4) intact[id] = intact[id] && run.data()[at] == id;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const bool one : intact) CHECK(one);
  CHECK(arena.usage().used_bytes == 0);
}
