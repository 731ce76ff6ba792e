// A FITS file and its sidecar, written once and durably: a name appears whole or not at all, also after a power cut.
#pragma once
#include <sys/types.h>

#include <string>

#include "file_port.h"
#include "temporary.h"

namespace ccarchiver {

struct FileRequest {
  std::string root;  // existing folder
  std::string path;  // relative to root
  std::string sidecar_path;  // in the same folder
  std::string aside;  // existing folder for files that meet others under their name
  Content image;
  Content sidecar;
  mode_t file_mode;
  mode_t folder_mode;
};

struct FileResult {
  // created: our bytes stand there now; same: they stood there before; conflict: other bytes stand there, ours are at aside_path.
  enum class Outcome { kCreated, kSame, kConflict };
  Outcome outcome = Outcome::kCreated;
  std::string aside_path;
  double write_ms = 0;
  double sync_ms = 0;
};

// Both files are complete and synced before either gets its name; the sidecar is named first, so a FITS file is never without one; then the
// folder is synced. Nothing that stands under a name is ever replaced, with one exception: a sidecar with other bytes whose FITS file is not there
// is what an unfinished write left, nobody was told of it, and it gives way to ours.
//
// One call at a time writes, whatever the thread: parallel writes to one disk are no faster and the check of what stands there stays true.
// Throws NATIVE_ARGUMENT (paths), DISK_FULL, FOLDER_UNWRITABLE, WRITE_FAILED; then no new name of the FITS file is left, and the call may be repeated.
FileResult write_durably(FilePort& files, const FileRequest& request);

}  // namespace ccarchiver
