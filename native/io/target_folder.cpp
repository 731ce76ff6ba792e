#include "target_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

namespace ccarchiver {

namespace {

bool same_bytes(int file, const Content& content) {
  struct stat status;
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size != static_cast<off_t>(content.bytes)) return false;
  std::vector<uint8_t> chunk(size_t{1} << 20);
  for (size_t done = 0; done < content.bytes;) {
    const ssize_t got = ::pread(file, chunk.data(), std::min(chunk.size(), content.bytes - done), static_cast<off_t>(done));
    if (got <= 0 || std::memcmp(chunk.data(), content.data + done, static_cast<size_t>(got)) != 0) return false;
    done += static_cast<size_t>(got);
  }
  return true;
}

}  // namespace

TargetFolder::TargetFolder(FilePort& files, const std::string& root, const std::string& relative, mode_t folder_mode)
    : files_(files),
      path_(relative.empty() ? root : root + "/" + relative),
      root_(open_root(files, root)),
      folder_(open_folder(files, root_, relative, folder_mode, path_)) {}

Standing TargetFolder::look(const std::string& name, const Content& content) const {
  // A link, a folder or a device under the name is other content; none of them is followed or waited for.
  const Descriptor file(files_.open(folder_.number(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
  if (file.number() == -ENOENT) return Standing::kNothing;
  if (file.number() == -ELOOP || file.number() == -ENXIO) return Standing::kOther;
  require(file.number(), name);
  if (!same_bytes(file.number(), content)) return Standing::kOther;
  require(files_.sync(file.number()), name);
  return Standing::kSame;
}

std::unique_ptr<Temporary> TargetFolder::write(const std::string& name, const Content& content, mode_t mode) const {
  return std::make_unique<Temporary>(files_, root_, folder_, content, mode, full_path(name));
}

bool TargetFolder::link(Temporary& file, const std::string& name) const {
  const int result = file.link_to(folder_, name);
  if (result == -EEXIST) return false;
  require(result, name);
  return true;
}

void TargetFolder::remove(const std::string& name) const { require(files_.unlink(folder_.number(), name.c_str()), name); }

void TargetFolder::sync() const { require(files_.sync(folder_.number()), ""); }

void TargetFolder::require(int result, const std::string& name) const {
  if (result < 0) throw storage_failure(full_path(name), result);
}

std::string TargetFolder::full_path(const std::string& name) const { return name.empty() ? path_ : path_ + "/" + name; }

}  // namespace ccarchiver
