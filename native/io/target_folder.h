// A folder below a root: what stands there, and how ours gets there.
#pragma once
#include <sys/types.h>

#include <memory>
#include <string>

#include "file_port.h"
#include "folder.h"
#include "temporary.h"

namespace ccarchiver {

enum class Standing { kNothing, kSame, kOther };

// Names are single components, checked by the caller (RelativePath). Every method throws as storage_failure with the full path.
class TargetFolder {
 public:
  // Makes the missing levels of `relative`.
  TargetFolder(FilePort& files, const std::string& root, const std::string& relative, mode_t folder_mode);

  // Compares what stands under the name, byte for byte. The same bytes are synced: whoever wrote them may not have come to it.
  Standing look(const std::string& name, const Content& content) const;
  // A complete, synced file in this folder's file system that is yet to be linked under `name`.
  std::unique_ptr<Temporary> write(const std::string& name, const Content& content, mode_t mode) const;
  // False when the name is taken.
  bool link(Temporary& file, const std::string& name) const;
  void remove(const std::string& name) const;
  // Makes the names of the folder durable.
  void sync() const;

 private:
  void require(int result, const std::string& name) const;
  std::string full_path(const std::string& name) const;

  FilePort& files_;
  const std::string path_;
  const Descriptor root_;
  const Descriptor folder_;
};

}  // namespace ccarchiver
