// A file that is complete and synced before it has any name.
#pragma once
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "file_port.h"
#include "folder.h"

namespace ccarchiver {

// Bytes to be written. When padded_bytes is larger than bytes, `data` is page-aligned and the padding readable, so that O_DIRECT can be used.
struct Content {
  const uint8_t* data;
  size_t bytes;
  size_t padded_bytes;

  bool fits_direct() const { return padded_bytes % 4096 == 0 && reinterpret_cast<uintptr_t>(data) % 4096 == 0; }
};

class Temporary {
 public:
  // Writes, truncates, sets the mode and syncs, in the folder's file system: with O_TMPFILE and O_DIRECT, else O_TMPFILE alone, else under a name
  // of its own in <root>/.tmp. Throws as storage_failure(path).
  Temporary(FilePort& files, const Descriptor& root, const Descriptor& folder, const Content& content, mode_t mode, const std::string& path);
  ~Temporary();
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  // Gives the file its name: 0 or -errno (-EEXIST when the name is taken).
  int link_to(const Descriptor& folder, const std::string& name);

  double write_ms() const { return write_ms_; }

 private:
  int write_unnamed(const Descriptor& folder, const Content& content, int flags);
  int write_named(const Descriptor& root, const Content& content, const std::string& path);
  int write_all(const Content& content, bool direct);
  int complete(const Content& content, mode_t mode);

  FilePort& files_;
  Descriptor file_;
  Descriptor temporary_folder_;
  std::string temporary_name_;  // empty: the file has no name
  double write_ms_ = 0;
};

}  // namespace ccarchiver
