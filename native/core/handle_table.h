// The open sources of this process, addressed by integers that every thread may use: an object bound to one JavaScript environment could not be shared.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "source.h"

namespace ccarchiver {

// Thread-safe. A handle is slot + generation * 2^16: a dropped handle is never valid again, and all handles are exact in a double (below 2^53).
// A slot keeps its source, closed, for the next one that is opened, so after the first images none is made.
class HandleTable {
  struct Slot;

 public:
  static constexpr size_t kMaxOpen = size_t{1} << 16;

  // The right to use one source. It stays open as long as this lives, also when its handle is dropped meanwhile.
  class Use {
   public:
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() { table_.end_use(slot_); }

    Source* operator->() const { return &slot_.source; }
    Source& operator*() const { return slot_.source; }

   private:
    friend class HandleTable;
    Use(HandleTable& table, Slot& slot) : table_(table), slot_(slot) {}

    HandleTable& table_;
    Slot& slot_;
  };

  explicit HandleTable(Pool& pool) : pool_(pool) {}

  // Throws NATIVE_ARGUMENT when the layout is out of range or kMaxOpen sources are open.
  uint64_t open(const SourceOptions& options);
  // Throws NATIVE_HANDLE.
  Use use(uint64_t handle);
  // The source is closed as soon as nobody uses it. Throws NATIVE_HANDLE.
  void drop(uint64_t handle);
  size_t open_count() const;

 private:
  struct Slot {
    Slot(Pool& pool, size_t its_number) : number(its_number), source(pool) {}

    const size_t number;
    uint64_t generation = 1;
    bool is_open = false;
    size_t uses = 0;
    Source source;
  };

  Slot& take_slot();
  void close(Slot& slot) noexcept;
  void end_use(Slot& slot) noexcept;
  Slot& find(uint64_t handle);

  Pool& pool_;
  mutable std::mutex mutex_;  // guards all below but the sources
  std::deque<Slot> slots_;    // a slot never moves
  std::vector<size_t> free_;  // neither open nor used; has room for every slot
  size_t open_count_ = 0;
};

// Of this process, on its pool. Never destroyed: worker threads may end after the main thread.
HandleTable& handle_table();

}  // namespace ccarchiver
