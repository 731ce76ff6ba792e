// Preloaded into a process: counts the operations that change files below CHAOS_PREFIX, over all its threads and child processes, and strikes at
// the one that it is told to. What strikes, and where, stands in the file CHAOS_CONTROL, which the harness may rewrite at any time.
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>

namespace {

enum Action : uint32_t { kCount = 0, kKill = 1, kFail = 2, kShorten = 3, kLie = 4, kDelay = 5, kDie = 6 };

// Offsets are known to test/chaos/shim.ts.
struct Control {
  std::atomic<uint64_t> operations;  // so far
  std::atomic<uint64_t> at;          // 1 for the first; 0: none
  std::atomic<uint32_t> action;
  std::atomic<uint32_t> error;       // errno of kFail
  std::atomic<uint32_t> times;       // how many operations from `at` on are struck
  std::atomic<uint32_t> delay_ms;
  std::atomic<uint32_t> only_syncs;  // count fsync and fdatasync alone
  std::atomic<uint32_t> struck;      // how many were
};

Control* control = nullptr;
char prefix[PATH_MAX];
size_t prefix_length = 0;

__attribute__((constructor)) void start() {
  const char* path = getenv("CHAOS_CONTROL");
  const char* below = getenv("CHAOS_PREFIX");
  if (path == nullptr || below == nullptr) return;
  const int file = static_cast<int>(syscall(2, path, O_RDWR | O_CLOEXEC));  // open, not through ourselves
  if (file < 0) return;
  void* memory = mmap(nullptr, sizeof(Control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) return;
  strncpy(prefix, below, sizeof prefix - 1);
  prefix_length = strlen(prefix);
  control = static_cast<Control*>(memory);
}

template <typename Function>
Function next(const char* name) {
  return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool is_below(const char* path) { return strncmp(path, prefix, prefix_length) == 0; }

bool concerns_file(int file) {
  if (control == nullptr) return false;
  char link[40];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = 0;
  return is_below(path);
}

bool concerns_path(int folder, const char* path) {
  if (control == nullptr || path == nullptr) return false;
  if (path[0] == '/') return is_below(path) || strncmp(path, "/proc/self/fd/", 14) == 0;
  return folder == AT_FDCWD ? false : concerns_file(folder);
}

// What becomes of one operation: -1 it is done as asked, 0 it is pretended, > 0 it fails with that errno. `shorten` asks to do half of it.
int strike(bool is_sync, bool* shorten = nullptr) {
  if (control->only_syncs.load() != 0 && !is_sync) return -1;
  const uint64_t number = control->operations.fetch_add(1) + 1;
  const uint64_t at = control->at.load();
  if (at == 0 || number < at || number - at >= control->times.load()) return -1;
  const uint32_t action = control->action.load();
  if (action == kLie && !is_sync) return -1;
  if (action == kShorten && shorten == nullptr) return -1;
  control->struck.fetch_add(1);
  switch (action) {
    case kKill:
      kill(0, SIGKILL);  // the whole group: the service, not one of its processes
      for (;;) pause();
    case kDie:
      kill(getpid(), SIGKILL);
      for (;;) pause();
    case kFail:
      return static_cast<int>(control->error.load());
    case kShorten:
      *shorten = true;
      return -1;
    case kLie:
      return 0;
    case kDelay: {
      const uint32_t ms = control->delay_ms.load();
      const timespec wait{ms / 1000, static_cast<long>(ms % 1000) * 1000000};
      nanosleep(&wait, nullptr);
      return -1;
    }
    default:
      return -1;
  }
}

int failed(int error) {
  errno = error;
  return -1;
}

template <typename Call>
auto on_file(int file, bool is_sync, Call call) -> decltype(call()) {
  if (concerns_file(file)) {
    const int verdict = strike(is_sync);
    if (verdict == 0) return 0;
    if (verdict > 0) return failed(verdict);
  }
  return call();
}

template <typename Call>
int on_path(int folder, const char* path, Call call) {
  if (concerns_path(folder, path)) {
    const int verdict = strike(false);
    if (verdict == 0) return 0;
    if (verdict > 0) return failed(verdict);
  }
  return call();
}

// `call` writes so many bytes. Half of a write is done only where there are two bytes or more.
template <typename Call>
ssize_t on_write(int file, size_t bytes, Call call) {
  if (!concerns_file(file)) return call(bytes);
  bool shorten = false;
  const int verdict = strike(false, &shorten);
  if (verdict > 0) return failed(verdict);
  if (!shorten || bytes < 2) return call(bytes);
  const size_t half = bytes / 2;
  return call(half >= 4096 ? half & ~static_cast<size_t>(4095) : half);  // O_DIRECT takes whole blocks
}

mode_t mode_of(int flags, va_list list) {
  return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
}

bool makes(int flags) { return (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_TMPFILE) == O_TMPFILE; }

}  // namespace

extern "C" {

#define OPEN(NAME)                                                                                    \
  int NAME(const char* path, int flags, ...) {                                                        \
    va_list list;                                                                                     \
    va_start(list, flags);                                                                            \
    const mode_t mode = mode_of(flags, list);                                                         \
    va_end(list);                                                                                     \
    const auto call = [&] { return next<int (*)(const char*, int, mode_t)>(#NAME)(path, flags, mode); }; \
    return makes(flags) ? on_path(AT_FDCWD, path, call) : call();                                     \
  }
OPEN(open)
OPEN(open64)

#define OPENAT(NAME)                                                                                            \
  int NAME(int folder, const char* path, int flags, ...) {                                                      \
    va_list list;                                                                                               \
    va_start(list, flags);                                                                                      \
    const mode_t mode = mode_of(flags, list);                                                                   \
    va_end(list);                                                                                               \
    const auto call = [&] { return next<int (*)(int, const char*, int, mode_t)>(#NAME)(folder, path, flags, mode); }; \
    return makes(flags) ? on_path(folder, path, call) : call();                                                 \
  }
OPENAT(openat)
OPENAT(openat64)

ssize_t write(int file, const void* data, size_t bytes) {
  return on_write(file, bytes, [&](size_t n) { return next<ssize_t (*)(int, const void*, size_t)>("write")(file, data, n); });
}

#define PWRITE(NAME)                                                                                       \
  ssize_t NAME(int file, const void* data, size_t bytes, off_t offset) {                                   \
    return on_write(file, bytes, [&](size_t n) {                                                           \
      return next<ssize_t (*)(int, const void*, size_t, off_t)>(#NAME)(file, data, n, offset);             \
    });                                                                                                    \
  }
PWRITE(pwrite)
PWRITE(pwrite64)

// Vectors are not shortened; a caller that writes vectors is struck by the other actions.
ssize_t writev(int file, const iovec* parts, int count) {
  return on_write(file, 1, [&](size_t) { return next<ssize_t (*)(int, const iovec*, int)>("writev")(file, parts, count); });
}
#define PWRITEV(NAME)                                                                                                    \
  ssize_t NAME(int file, const iovec* parts, int count, off_t offset) {                                                  \
    return on_write(file, 1, [&](size_t) { return next<ssize_t (*)(int, const iovec*, int, off_t)>(#NAME)(file, parts, count, offset); }); \
  }
PWRITEV(pwritev)
PWRITEV(pwritev64)

int fsync(int file) {
  return on_file(file, true, [&] { return next<int (*)(int)>("fsync")(file); });
}
int fdatasync(int file) {
  return on_file(file, true, [&] { return next<int (*)(int)>("fdatasync")(file); });
}
#define TRUNCATE(NAME) \
  int NAME(int file, off_t bytes) { \
    return on_file(file, false, [&] { return next<int (*)(int, off_t)>(#NAME)(file, bytes); }); \
  }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)
int fchmod(int file, mode_t mode) {
  return on_file(file, false, [&] { return next<int (*)(int, mode_t)>("fchmod")(file, mode); });
}
int chmod(const char* path, mode_t mode) {
  return on_path(AT_FDCWD, path, [&] { return next<int (*)(const char*, mode_t)>("chmod")(path, mode); });
}
int rename(const char* from, const char* to) {
  return on_path(AT_FDCWD, to, [&] { return next<int (*)(const char*, const char*)>("rename")(from, to); });
}
int link(const char* from, const char* to) {
  return on_path(AT_FDCWD, to, [&] { return next<int (*)(const char*, const char*)>("link")(from, to); });
}
int linkat(int from_folder, const char* from, int to_folder, const char* to, int flags) {
  return on_path(to_folder, to, [&] {
    return next<int (*)(int, const char*, int, const char*, int)>("linkat")(from_folder, from, to_folder, to, flags);
  });
}
int unlink(const char* path) {
  return on_path(AT_FDCWD, path, [&] { return next<int (*)(const char*)>("unlink")(path); });
}
int unlinkat(int folder, const char* path, int flags) {
  return on_path(folder, path, [&] { return next<int (*)(int, const char*, int)>("unlinkat")(folder, path, flags); });
}
int rmdir(const char* path) {
  return on_path(AT_FDCWD, path, [&] { return next<int (*)(const char*)>("rmdir")(path); });
}
int mkdir(const char* path, mode_t mode) {
  return on_path(AT_FDCWD, path, [&] { return next<int (*)(const char*, mode_t)>("mkdir")(path, mode); });
}
int mkdirat(int folder, const char* path, mode_t mode) {
  return on_path(folder, path, [&] { return next<int (*)(int, const char*, mode_t)>("mkdirat")(folder, path, mode); });
}

}  // extern "C"
