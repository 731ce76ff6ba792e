#include "temporary.h"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>

namespace ccarchiver {

namespace {

constexpr mode_t kPrivateFile = 0600;
constexpr mode_t kPrivateFolder = 0750;

// Unique among the threads of this process and, with the clock, among processes that had its id before.
std::string unique_name() {
  static std::atomic<uint64_t> counter;
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  return std::to_string(::getpid()) + "-" + std::to_string(now) + "-" + std::to_string(counter++);
}

bool has_no_unnamed_files(int error) { return error == -EOPNOTSUPP || error == -EISDIR; }

}  // namespace

Temporary::Temporary(FilePort& files, const Descriptor& root, const Descriptor& folder, const Content& content, mode_t mode,
                     const std::string& path)
    : files_(files) {
  int result = content.fits_direct() ? write_unnamed(folder, content, O_DIRECT) : -EINVAL;
  if (result == -EINVAL) result = write_unnamed(folder, content, 0);
  if (has_no_unnamed_files(result)) result = write_named(root, content, path);
  if (result == 0) result = complete(content, mode);
  if (result == 0) return;
  if (!temporary_name_.empty()) files_.unlink(temporary_folder_.number(), temporary_name_.c_str());
  throw storage_failure(path, result);
}

Temporary::~Temporary() {
  if (!temporary_name_.empty()) files_.unlink(temporary_folder_.number(), temporary_name_.c_str());
}

int Temporary::link_to(const Descriptor& folder, const std::string& name) {
  if (!temporary_name_.empty()) {
    return files_.link(temporary_folder_.number(), temporary_name_.c_str(), folder.number(), name.c_str());
  }
  const std::string self = "/proc/self/fd/" + std::to_string(file_.number());
  return files_.link(AT_FDCWD, self.c_str(), folder.number(), name.c_str());
}

int Temporary::write_unnamed(const Descriptor& folder, const Content& content, int flags) {
  file_ = Descriptor(files_.open(folder.number(), ".", O_TMPFILE | O_RDWR | flags, kPrivateFile));
  return file_.number() < 0 ? file_.number() : write_all(content, flags == O_DIRECT);
}

int Temporary::write_named(const Descriptor& root, const Content& content, const std::string& path) {
  temporary_folder_ = open_folder(files_, root, ".tmp", kPrivateFolder, path);
  std::string name = unique_name();
  file_ = Descriptor(files_.open(temporary_folder_.number(), name.c_str(), O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, kPrivateFile));
  if (file_.number() < 0) return file_.number();
  temporary_name_ = std::move(name);
  return write_all(content, false);
}

int Temporary::write_all(const Content& content, bool direct) {
  const auto start = std::chrono::steady_clock::now();
  const size_t bytes = direct ? content.padded_bytes : content.bytes;
  for (size_t done = 0; done < bytes;) {
    const ssize_t written = files_.write(file_.number(), content.data + done, bytes - done, static_cast<off_t>(done));
    if (written < 0) return static_cast<int>(written);
    if (written == 0) return -EIO;
    done += static_cast<size_t>(written);
  }
  write_ms_ = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return 0;
}

int Temporary::complete(const Content& content, mode_t mode) {
  int result = files_.truncate(file_.number(), static_cast<off_t>(content.bytes));
  if (result == 0) result = files_.set_mode(file_.number(), mode);
  if (result == 0) result = files_.sync(file_.number());
  return result;
}

}  // namespace ccarchiver
