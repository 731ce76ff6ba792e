#include "handle_table.h"

#include "failure.h"

namespace ccarchiver {

uint64_t HandleTable::open(const SourceOptions& options) {
  Slot& slot = take_slot();
  try {
    slot.source.open(options);
  } catch (...) {
    close(slot);
    throw;
  }
  const std::lock_guard lock(mutex_);
  slot.is_open = true;
  open_count_++;
  return slot.generation * kMaxOpen + slot.number;
}

HandleTable::Use HandleTable::use(uint64_t handle) {
  const std::lock_guard lock(mutex_);
  Slot& slot = find(handle);
  slot.uses++;
  return Use(*this, slot);
}

void HandleTable::drop(uint64_t handle) {
  std::unique_lock lock(mutex_);
  Slot& slot = find(handle);
  slot.is_open = false;
  slot.generation++;
  open_count_--;
  const bool is_last = slot.uses == 0;
  lock.unlock();
  if (is_last) close(slot);
}

void HandleTable::end_use(Slot& slot) noexcept {
  std::unique_lock lock(mutex_);
  slot.uses--;
  const bool is_last = slot.uses == 0 && !slot.is_open;
  lock.unlock();
  if (is_last) close(slot);
}

size_t HandleTable::open_count() const {
  const std::lock_guard lock(mutex_);
  return open_count_;
}

// From here until it is open or closed the slot is the caller's alone.
HandleTable::Slot& HandleTable::take_slot() {
  const std::lock_guard lock(mutex_);
  if (free_.empty()) {
    if (slots_.size() == kMaxOpen) throw bad_argument(std::to_string(kMaxOpen) + " sources are open; drop those that are done");
    pool_.count_table_growth();
    free_.reserve(slots_.size() + 1);
    return slots_.emplace_back(pool_, slots_.size());
  }
  const size_t number = free_.back();
  free_.pop_back();
  return slots_[number];
}

// Outside of the lock, since a source has many blocks to give back; nobody else can reach the slot.
void HandleTable::close(Slot& slot) noexcept {
  slot.source.close();
  const std::lock_guard lock(mutex_);
  free_.push_back(slot.number);
}

HandleTable::Slot& HandleTable::find(uint64_t handle) {
  const size_t number = handle % kMaxOpen;
  const bool open = number < slots_.size() && slots_[number].is_open && slots_[number].generation == handle / kMaxOpen;
  if (!open) throw Failure("NATIVE_HANDLE", {{"handle", static_cast<double>(handle)}});
  return slots_[number];
}

HandleTable& handle_table() {
  static HandleTable* const table = new HandleTable(process_pool());
  return *table;
}

}  // namespace ccarchiver
