#include "file_port.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace ccarchiver {

namespace {

// Repeats a call that a signal interrupted.
template <typename Call>
auto checked(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result < 0 ? static_cast<decltype(result)>(-errno) : result;
}

class SystemFiles final : public FilePort {
 public:
  int open(int folder, const char* name, int flags, mode_t mode) override {
    return checked([&] { return ::openat(folder, name, flags | O_CLOEXEC, mode); });
  }
  ssize_t write(int file, const void* data, size_t bytes, off_t offset) override {
    return checked([&] { return ::pwrite(file, data, bytes, offset); });
  }
  int truncate(int file, off_t bytes) override {
    return checked([&] { return ::ftruncate(file, bytes); });
  }
  int set_mode(int file, mode_t mode) override {
    return checked([&] { return ::fchmod(file, mode); });
  }
  // Not repeated: after a failed fsync the kernel may have dropped the pages, and a second call would report success for them.
  int sync(int file) override { return ::fsync(file) == 0 ? 0 : -errno; }
  int link(int from_folder, const char* from, int to_folder, const char* to) override {
    return checked([&] { return ::linkat(from_folder, from, to_folder, to, AT_SYMLINK_FOLLOW); });
  }
  int unlink(int folder, const char* name) override {
    return checked([&] { return ::unlinkat(folder, name, 0); });
  }
  int make_folder(int folder, const char* name, mode_t mode) override {
    return checked([&] { return ::mkdirat(folder, name, mode); });
  }
};

}  // namespace

FilePort& system_files() {
  static SystemFiles files;
  return files;
}

}  // namespace ccarchiver
