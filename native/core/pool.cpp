#include "pool.h"

#include <sanitizer/asan_interface.h>
#include <sys/mman.h>

#include <algorithm>

#include "failure.h"

namespace ccarchiver {

namespace {

constexpr size_t kGrowthBlocks = (size_t{32} << 20) / Arena::kBlockBytes;
constexpr size_t kHugePage = size_t{2} << 20;

// Reserves addresses without memory, aligned to a huge page; nullptr when the process has no such range left.
uint8_t* reserve_addresses() {
  const size_t bytes = Arena::kReservedBytes + kHugePage;
  void* range = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (range == MAP_FAILED) return nullptr;
  uint8_t* start = static_cast<uint8_t*>(range);
  const size_t skip = (kHugePage - reinterpret_cast<uintptr_t>(start) % kHugePage) % kHugePage;
  if (skip > 0) munmap(start, skip);
  if (skip < kHugePage) munmap(start + skip + Arena::kReservedBytes, kHugePage - skip);
  return start + skip;
}

}  // namespace

Run::~Run() {
  if (data_ != nullptr) arena_->give(data_, blocks_);
}

size_t Run::bytes() const { return blocks_ * Arena::kBlockBytes; }

void Run::swap(Run& other) noexcept {
  std::swap(arena_, other.arena_);
  std::swap(data_, other.data_);
  std::swap(blocks_, other.blocks_);
}

Arena::~Arena() {
  if (base_ == nullptr) return;
  ASAN_UNPOISON_MEMORY_REGION(base_, taken_.size() * kBlockBytes);
  munmap(base_, kReservedBytes);
}

void Arena::set_limit(size_t bytes) {
  const std::lock_guard lock(mutex_);
  limit_ = std::min(bytes, kReservedBytes) / kBlockBytes;
}

Run Arena::take(size_t bytes) {
  const size_t blocks = (bytes + kBlockBytes - 1) / kBlockBytes;
  const std::lock_guard lock(mutex_);
  if (blocks == 0 || blocks > limit_ || used_ > limit_ - blocks) return Run();
  const size_t first = find_free(blocks);
  if (first + blocks > taken_.size() && !grow_to(first + blocks)) return Run();
  std::fill_n(taken_.begin() + static_cast<std::ptrdiff_t>(first), blocks, true);
  used_ += blocks;
  if (first == lowest_free_) lowest_free_ = first + blocks;
  uint8_t* const data = base_ + first * kBlockBytes;
  ASAN_UNPOISON_MEMORY_REGION(data, blocks * kBlockBytes);
  return Run(*this, data, blocks);
}

void Arena::give(const uint8_t* data, size_t blocks) noexcept {
  const std::lock_guard lock(mutex_);
  const size_t first = static_cast<size_t>(data - base_) / kBlockBytes;
  ASAN_POISON_MEMORY_REGION(data, blocks * kBlockBytes);
  std::fill_n(taken_.begin() + static_cast<std::ptrdiff_t>(first), blocks, false);
  used_ -= blocks;
  lowest_free_ = std::min(lowest_free_, first);
}

// First block of the lowest free run; it may reach beyond what is backed.
size_t Arena::find_free(size_t blocks) const {
  size_t first = lowest_free_;
  for (size_t at = first; at < taken_.size() && at - first < blocks; at++) {
    if (taken_[at]) first = at + 1;
  }
  return first;
}

bool Arena::grow_to(size_t blocks) {
  if (blocks > limit_) return false;
  if (base_ == nullptr) base_ = reserve_addresses();
  if (base_ == nullptr) return false;
  const size_t backed = taken_.size();
  const size_t target = std::min(limit_, std::max(blocks, backed + kGrowthBlocks));
  taken_.reserve(target);
  uint8_t* fresh = base_ + backed * kBlockBytes;
  const size_t bytes = (target - backed) * kBlockBytes;
  if (mprotect(fresh, bytes, PROT_READ | PROT_WRITE) != 0) return false;
  madvise(fresh, bytes, MADV_HUGEPAGE);  // advice: without huge pages it is only slower
  ASAN_POISON_MEMORY_REGION(fresh, bytes);
  taken_.resize(target, false);
  growths_++;
  return true;
}

Arena::Usage Arena::usage() const {
  const std::lock_guard lock(mutex_);
  return {taken_.size() * kBlockBytes, used_ * kBlockBytes, growths_};
}

void Pool::configure(size_t bytes) {
  limit_ = bytes;
  images_.set_limit(bytes / 4);
  rows_.set_limit(bytes - bytes / 4);
}

Arena::Usage Pool::usage() const {
  const Arena::Usage rows = rows_.usage();
  const Arena::Usage images = images_.usage();
  return {rows.backed_bytes + images.backed_bytes, rows.used_bytes + images.used_bytes, rows.growths + images.growths};
}

uint64_t Pool::allocations() const { return usage().growths + inputs_.usage().growths + table_growths_; }

Run Pool::require(Run run) const {
  if (run.data() == nullptr) throw Failure("POOL_EXHAUSTED", {{"bytes", static_cast<double>(limit_.load())}});
  return run;
}

Pool& process_pool() {
  static Pool* const pool = new Pool;
  return *pool;
}

}  // namespace ccarchiver
