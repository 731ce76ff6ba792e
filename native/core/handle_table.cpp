#include "handle_table.h"

#include "failure.h"

namespace ccarchiver {

uint64_t HandleTable::add(std::shared_ptr<Source> source) {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) {
    if (slots_.size() == kMaxOpen) throw bad_argument(std::to_string(kMaxOpen) + " sources are open; drop those that are done");
    free_.reserve(slots_.size() + 1);
    slots_.emplace_back();
    free_.push_back(slots_.size() - 1);
  }
  const size_t slot = free_.back();
  free_.pop_back();
  slots_[slot].source = std::move(source);
  return slots_[slot].generation * kMaxOpen + slot;
}

std::shared_ptr<Source> HandleTable::get(uint64_t handle) const {
  const std::lock_guard lock(mutex_);
  return slots_[find(handle)].source;
}

void HandleTable::drop(uint64_t handle) {
  std::shared_ptr<Source> last;  // destroyed after the lock is released
  const std::lock_guard lock(mutex_);
  const size_t slot = find(handle);
  last = std::move(slots_[slot].source);
  slots_[slot].generation++;
  free_.push_back(slot);
}

size_t HandleTable::open_count() const {
  const std::lock_guard lock(mutex_);
  return slots_.size() - free_.size();
}

size_t HandleTable::find(uint64_t handle) const {
  const size_t slot = handle % kMaxOpen;
  const bool open = slot < slots_.size() && slots_[slot].source != nullptr && slots_[slot].generation == handle / kMaxOpen;
  if (!open) throw Failure("NATIVE_HANDLE", {{"handle", static_cast<double>(handle)}});
  return slot;
}

HandleTable& handle_table() {
  static HandleTable* const table = new HandleTable;
  return *table;
}

}  // namespace ccarchiver
