// Memory that ends (and starts) at a page that may not be touched: an access outside it ends the test program at once.
#pragma once
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace ccarchiver::test {

// `count` values whose last byte is the last one before a forbidden page.
template <class T>
class Guarded {
 public:
  explicit Guarded(size_t count) : bytes_(count * sizeof(T)), pages_((bytes_ + kPage - 1) / kPage * kPage) {
    void* mapped = mmap(nullptr, pages_ + 2 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) std::abort();
    base_ = static_cast<uint8_t*>(mapped);
    if (pages_ > 0 && mprotect(base_ + kPage, pages_, PROT_READ | PROT_WRITE) != 0) std::abort();
  }
  Guarded(const T* values, size_t count) : Guarded(count) {
    if (bytes_ > 0) std::memcpy(data(), values, bytes_);  // an empty vector's data may be null
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { munmap(base_, pages_ + 2 * kPage); }

  T* data() { return reinterpret_cast<T*>(base_ + kPage + pages_ - bytes_); }

 private:
  static constexpr size_t kPage = 4096;
  size_t bytes_;
  size_t pages_;
  uint8_t* base_;
};

}  // namespace ccarchiver::test
