// Folders below a root, reached one component at a time so that no link and no `..` can lead out of it.
#pragma once
#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

#include "../core/failure.h"
#include "file_port.h"

namespace ccarchiver {

// Owns an open file or folder.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor();

  int number() const { return number_; }

 private:
  int number_;
};

// A relative path, split at its last slash. Throws NATIVE_ARGUMENT for an absolute path, empty, `.` or `..` components, or a NUL.
struct RelativePath {
  explicit RelativePath(std::string_view path);
  std::string folder;  // may be empty
  std::string name;
};

// DISK_FULL, FOLDER_UNWRITABLE or WRITE_FAILED by the error number, which may be negative.
Failure storage_failure(const std::string& path, int error);

// An existing folder, by any path. Throws as storage_failure.
Descriptor open_root(FilePort& files, const std::string& path);

// A folder below `root`; missing levels are created with `mode`. When this returns, every level is durable: each parent is synced also when the
// level existed, because whoever made it may have died before its own sync. Throws as storage_failure(path).
Descriptor open_folder(FilePort& files, const Descriptor& root, const std::string& relative, mode_t mode, const std::string& path);

}  // namespace ccarchiver
