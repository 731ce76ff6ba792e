// The open sources of this process, addressed by integers that every thread may use: an object bound to one JavaScript environment could not be shared.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "source.h"

namespace ccarchiver {

// Thread-safe. A handle is slot + generation * 2^16: a dropped handle is never valid again, and all handles are exact in a double (below 2^53).
class HandleTable {
 public:
  static constexpr size_t kMaxOpen = size_t{1} << 16;

  // Throws NATIVE_ARGUMENT when kMaxOpen sources are open.
  uint64_t add(std::shared_ptr<Source> source);
  // The source stays alive as long as the pointer, also when its handle is dropped meanwhile. Throws NATIVE_HANDLE.
  std::shared_ptr<Source> get(uint64_t handle) const;
  // Throws NATIVE_HANDLE.
  void drop(uint64_t handle);
  size_t open_count() const;

 private:
  struct Slot {
    uint64_t generation = 1;
    std::shared_ptr<Source> source;
  };
  size_t find(uint64_t handle) const;

  mutable std::mutex mutex_;
  std::vector<Slot> slots_;
  std::vector<size_t> free_;
};

// Never destroyed: worker threads may end after the main thread.
HandleTable& handle_table();

}  // namespace ccarchiver
