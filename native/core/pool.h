// Memory for packed input, compressed rows and file images: page-aligned, made once and used again for every image.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace ccarchiver {

class Arena;

// Contiguous blocks of an arena; they go back when the run is destroyed.
class Run {
 public:
  Run() = default;
  Run(Arena& arena, uint8_t* data, size_t blocks) : arena_(&arena), data_(data), blocks_(blocks) {}
  Run(Run&& other) noexcept { swap(other); }
  Run& operator=(Run&& other) noexcept {
    swap(other);
    return *this;
  }
  ~Run();

  uint8_t* data() const { return data_; }
  size_t bytes() const;

 private:
  void swap(Run& other) noexcept;

  Arena* arena_ = nullptr;
  uint8_t* data_ = nullptr;
  size_t blocks_ = 0;
};

// Blocks of 256 KiB in one reserved range of addresses, backed by memory in steps of 32 MiB up to the limit, on huge pages where the system
// gives them. Memory is not handed back to the system: fresh pages cost eight times what warm ones do. AddressSanitizer knows which blocks are
// taken, so a read or write behind a run, or after it went back, is reported. Thread-safe.
class Arena {
 public:
  static constexpr size_t kBlockBytes = 256 * 1024;
  static constexpr size_t kReservedBytes = size_t{256} << 30;  // addresses only; also the largest limit

  Arena() = default;
  ~Arena();
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // A limit below what is in use refuses new runs until enough has come back.
  void set_limit(size_t bytes);
  // The first free run of `bytes` rounded up to blocks; an empty run (data() == nullptr) when the limit or the system has no more.
  Run take(size_t bytes);

  struct Usage {
    size_t backed_bytes;
    size_t used_bytes;
    uint64_t growths;  // times that memory was asked from the system
  };
  Usage usage() const;

 private:
  friend class Run;
  void give(const uint8_t* data, size_t blocks) noexcept;
  size_t find_free(size_t blocks) const;
  bool grow_to(size_t blocks);

  mutable std::mutex mutex_;
  uint8_t* base_ = nullptr;
  size_t limit_ = 0;         // all sizes below are in blocks
  size_t used_ = 0;
  size_t lowest_free_ = 0;   // no block below is free
  std::vector<bool> taken_;  // one per backed block
  uint64_t growths_ = 0;
};

// What all open sources and files being written share. A quarter of the limit is kept for file images, because only finishing files frees rows:
// were rows allowed to take everything, a full pool could never be emptied. Input buffers stand outside of the limit: threads hold them for life, so
// their number is that of bands under way at once, whatever the images.
class Pool {
 public:
  static constexpr size_t kDefaultBytes = size_t{1} << 30;

  Pool() {
    configure(kDefaultBytes);
    inputs_.set_limit(Arena::kReservedBytes);
  }
  // At most Arena::kReservedBytes.
  void configure(size_t bytes);

  Arena& rows() { return rows_; }
  Arena& images() { return images_; }
  Arena& inputs() { return inputs_; }
  // Bytes of what the limit is for.
  Arena::Usage usage() const;
  // For the tables that stand beside the pool, kept from image to image as its blocks are: each time that one of them grew.
  void count_table_growth() { table_growths_++; }
  // Times that memory was asked from the system, for whatever use. After a few images of one kind it stays what it is.
  uint64_t allocations() const;
  // `run` as it came from one of the arenas. Throws POOL_EXHAUSTED when it is empty.
  Run require(Run run) const;

 private:
  Arena rows_;
  Arena images_;
  Arena inputs_;
  std::atomic<size_t> limit_ = 0;
  std::atomic<uint64_t> table_growths_ = 0;
};

// The pool of this process. It is never destroyed: a thread may still write a file while the process ends.
Pool& process_pool();

}  // namespace ccarchiver
