// One name below one root: what stands there, and how ours gets there.
#pragma once
#include <sys/types.h>

#include <memory>
#include <string>

#include "file_port.h"
#include "folder.h"
#include "temporary.h"

namespace ccarchiver {

enum class Standing { kNothing, kSame, kOther };

// Every method throws as storage_failure with the full path. A suffix is appended to the name (".1" of a file set aside).
class Target {
 public:
  // Opens the folder of `path` and makes its missing levels. Throws NATIVE_ARGUMENT for a path that is not plain and relative.
  Target(FilePort& files, const std::string& root, const std::string& path, mode_t folder_mode);

  // Compares what stands under the name, byte for byte. The same bytes are synced: whoever wrote them may not have come to it.
  Standing look(const Content& content, const std::string& suffix = "") const;
  // A complete, synced file without this name, in this folder's file system.
  std::unique_ptr<Temporary> write(const Content& content, mode_t mode) const;
  // False when the name is taken.
  bool link(Temporary& file, const std::string& suffix = "") const;
  void remove() const;
  // Makes the names of the folder durable.
  void sync() const;

  const std::string& folder_path() const { return relative_.folder; }

 private:
  void require(int result) const;

  FilePort& files_;
  const std::string full_path_;
  const RelativePath relative_;
  const Descriptor root_;
  const Descriptor folder_;
};

}  // namespace ccarchiver
