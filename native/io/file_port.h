// The operations that change a file system, behind one port so that a test can fail each of them.
#pragma once
#include <sys/types.h>

#include <cstddef>

namespace ccarchiver {

// Every operation returns what its system call of the same meaning returns, or -errno. `folder` is an open folder; names are single components.
class FilePort {
 public:
  virtual ~FilePort() = default;
  virtual int open(int folder, const char* name, int flags, mode_t mode) = 0;
  virtual ssize_t write(int file, const void* data, size_t bytes, off_t offset) = 0;
  virtual int truncate(int file, off_t bytes) = 0;
  virtual int set_mode(int file, mode_t mode) = 0;
  virtual int sync(int file) = 0;
  // Fails with EEXIST rather than replace anything. A symbolic link `from` is followed (that is how /proc/self/fd/N names a file without a name).
  virtual int link(int from_folder, const char* from, int to_folder, const char* to) = 0;
  virtual int unlink(int folder, const char* name) = 0;
  virtual int make_folder(int folder, const char* name, mode_t mode) = 0;
};

// The operating system's file systems. Thread-safe.
FilePort& system_files();

}  // namespace ccarchiver
