// Memory that ends or starts at a page that may not be touched: an access outside it ends the test program at once.
#pragma once
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace ccarchiver::test {

// Which end of the memory lies at the forbidden page without a gap; the other is somewhere in the page before it or
// after it.
enum class Edge { kEnd, kStart };

// `count` values between forbidden pages.
template <class T>
class Guarded {
 public:
  explicit Guarded(size_t count, Edge edge = Edge::kEnd)
      : bytes_(count * sizeof(T)),
        pages_((bytes_ + kPage - 1) / kPage * kPage),
        gap_(edge == Edge::kEnd ? pages_ - bytes_ : 0) {
    void* mapped = mmap(nullptr, pages_ + 2 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) std::abort();
    base_ = static_cast<uint8_t*>(mapped);
    if (pages_ > 0 && mprotect(base_ + kPage, pages_, PROT_READ | PROT_WRITE) != 0) std::abort();
  }
  Guarded(const T* values, size_t count, Edge edge = Edge::kEnd) : Guarded(count, edge) {
    if (bytes_ > 0) std::memcpy(data(), values, bytes_);  // an empty vector's data may be null
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { munmap(base_, pages_ + 2 * kPage); }

  T* data() { return reinterpret_cast<T*>(base_ + kPage + gap_); }

 private:
  static constexpr size_t kPage = 4096;
  size_t bytes_;
  size_t pages_;
  size_t gap_;
  uint8_t* base_;
};

}  // namespace ccarchiver::test
