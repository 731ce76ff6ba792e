#include "folder.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace ccarchiver {

namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

void check_component(std::string_view path, std::string_view component) {
  if (component.empty() || component == "." || component == ".." || component.find('\0') != component.npos) {
    throw bad_argument("path \"" + std::string(path) + "\" is not a plain relative path");
  }
}

// A folder that exists or is made, and is durable in its parent; its number is -errno when that failed.
Descriptor open_level(FilePort& files, int parent, const std::string& name, mode_t mode) {
  const int made = files.make_folder(parent, name.c_str(), mode);
  if (made < 0 && made != -EEXIST) return Descriptor(made);
  Descriptor level(files.open(parent, name.c_str(), kFolderFlags, 0));
  if (level.number() < 0) return level;
  // mkdir subtracts the umask; the mode that was asked for is exact.
  const int moded = made == 0 ? files.set_mode(level.number(), mode) : 0;
  if (moded < 0) return Descriptor(moded);
  const int synced = files.sync(parent);
  return synced < 0 ? Descriptor(synced) : std::move(level);
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

RelativePath::RelativePath(std::string_view path) {
  size_t start = 0;
  for (size_t slash = path.find('/'); slash != path.npos; slash = path.find('/', start)) {
    check_component(path, path.substr(start, slash - start));
    start = slash + 1;
  }
  check_component(path, path.substr(start));
  folder = path.substr(0, start == 0 ? 0 : start - 1);
  name = path.substr(start);
}

Failure storage_failure(const std::string& path, int error) {
  const int number = std::abs(error);
  const std::string reason = std::generic_category().message(number);
  switch (number) {
    case ENOSPC:
    case EDQUOT:
      return Failure("DISK_FULL", {{"path", path}});
    case EACCES:
    case EPERM:
    case EROFS:
      return Failure("FOLDER_UNWRITABLE", {{"path", path}, {"reason", reason}});
    default:
      return Failure("WRITE_FAILED", {{"path", path}, {"reason", reason}});
  }
}

Descriptor open_root(FilePort& files, const std::string& path) {
  Descriptor root(files.open(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY, 0));
  if (root.number() < 0) throw storage_failure(path, root.number());
  return root;
}

Descriptor open_folder(FilePort& files, const Descriptor& root, const std::string& relative, mode_t mode, const std::string& path) {
  Descriptor level(files.open(root.number(), ".", kFolderFlags, 0));
  for (size_t start = 0; level.number() >= 0 && start < relative.size();) {
    const size_t end = std::min(relative.find('/', start), relative.size());
    level = open_level(files, level.number(), relative.substr(start, end - start), mode);
    start = end + 1;
  }
  if (level.number() < 0) throw storage_failure(path, level.number());
  return level;
}

}  // namespace ccarchiver
