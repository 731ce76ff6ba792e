// The system's files with a script of faults, and a record of what was done to them.
#pragma once
#include <fcntl.h>

#include <cerrno>
#include <functional>
#include <string>
#include <vector>

#include "../../io/file_port.h"

namespace ccarchiver::test {

// The end of the process as a test sees it.
struct Death {};

class ScriptedFiles final : public FilePort {
 public:
  struct Operation {
    std::string name;  // open, write, truncate, mode, sync, link, unlink, make_folder
    std::string target;
    int file = -1;
    int flags = 0;
  };

  // Number of the operation (0-based) that fails with `error`; everything else is done.
  int fail_at = -1;
  int error = EIO;
  // Number of the operation before which the process ends: neither it nor any later one is done.
  int die_at = -1;
  // Any other fault: a negative result stands for the operation, 0 lets it happen.
  std::function<int(const Operation&)> fault = [](const Operation&) { return 0; };
  // Most bytes that one write takes.
  size_t write_limit = SIZE_MAX;

  std::vector<Operation> done;

  bool reached_fault() const { return static_cast<int>(done.size()) > std::max(fail_at, die_at); }
  bool is_dead() const { return dead_; }
  int index_of(const std::string& name, const std::string& target) const {
    for (size_t i = 0; i < done.size(); i++) {
      if (done[i].name == name && done[i].target == target) return static_cast<int>(i);
    }
    return -1;
  }

  int open(int folder, const char* name, int flags, mode_t mode) override {
    if (const int fault = before({"open", name, folder, flags})) return fault;
    return system_files().open(folder, name, flags, mode);
  }
  ssize_t write(int file, const void* data, size_t bytes, off_t offset) override {
    if (const int fault = before({"write", "", file})) return fault;
    return system_files().write(file, data, std::min(bytes, write_limit), offset);
  }
  int truncate(int file, off_t bytes) override {
    if (const int fault = before({"truncate", "", file})) return fault;
    return system_files().truncate(file, bytes);
  }
  int set_mode(int file, mode_t mode) override {
    if (const int fault = before({"mode", "", file})) return fault;
    return system_files().set_mode(file, mode);
  }
  int sync(int file) override {
    if (const int fault = before({"sync", "", file})) return fault;
    return system_files().sync(file);
  }
  int link(int from_folder, const char* from, int to_folder, const char* to) override {
    if (const int fault = before({"link", to, to_folder})) return fault;
    return system_files().link(from_folder, from, to_folder, to);
  }
  int unlink(int folder, const char* name) override {
    if (const int fault = before({"unlink", name, folder})) return fault;
    return system_files().unlink(folder, name);
  }
  int make_folder(int folder, const char* name, mode_t mode) override {
    if (const int fault = before({"make_folder", name, folder})) return fault;
    return system_files().make_folder(folder, name, mode);
  }

 private:
  int before(const Operation& operation) {
    if (dead_) return -EIO;  // what still runs while the stack unwinds does nothing more
    const int number = static_cast<int>(done.size());
    done.push_back(operation);
    if (number == die_at) {
      dead_ = true;
      if (operation.name == "unlink") return -EIO;  // may be called by a destructor, which must not throw
      throw Death{};
    }
    return number == fail_at ? -error : fault(operation);
  }

  bool dead_ = false;
};

// A file system without O_DIRECT, and one without O_TMPFILE.
inline int without_direct(const ScriptedFiles::Operation& operation) {
  return operation.name == "open" && (operation.flags & O_DIRECT) != 0 ? -EINVAL : 0;
}
inline int without_unnamed(const ScriptedFiles::Operation& operation) {
  return operation.name == "open" && (operation.flags & O_TMPFILE) == O_TMPFILE ? -EOPNOTSUPP : 0;
}

}  // namespace ccarchiver::test
