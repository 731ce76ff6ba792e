// A folder of its own for one test, on the disk of this checkout's build folder or $TMPDIR, removed at the end.
#pragma once
#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace ccarchiver::test {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ccarchiver-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  std::string path(const std::string& relative) const { return (path_ / relative).string(); }
  std::string make(const std::string& relative) const {
    std::filesystem::create_directories(path_ / relative);
    return path(relative);
  }
  bool has(const std::string& relative) const { return std::filesystem::symlink_status(path_ / relative).type() != std::filesystem::file_type::not_found; }

  std::vector<uint8_t> read(const std::string& relative) const {
    std::ifstream file(path_ / relative, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  void write(const std::string& relative, const std::vector<uint8_t>& bytes) const {
    std::filesystem::create_directories((path_ / relative).parent_path());
    std::ofstream(path_ / relative, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  int mode(const std::string& relative) const {
    struct stat status = {};
    return stat(path(relative).c_str(), &status) == 0 ? static_cast<int>(status.st_mode & 07777) : -1;
  }
  // Relative paths of everything that is no folder, sorted.
  std::vector<std::string> files() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_)) {
      if (!entry.is_directory()) found.push_back(std::filesystem::relative(entry.path(), path_).string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace ccarchiver::test
