#include "durable_file.h"

#include <cerrno>
#include <chrono>
#include <memory>
#include <mutex>

#include "target.h"

namespace ccarchiver {

namespace {

constexpr int kMaxAsides = 1000;
constexpr int kMaxRaces = 3;

FileResult set_aside(FilePort& files, const FileRequest& request, const std::string& path, const Content& content) {
  const Target target(files, request.aside, path, request.folder_mode);
  std::unique_ptr<Temporary> file;
  for (int n = 1; n <= kMaxAsides; n++) {
    const std::string suffix = "." + std::to_string(n);
    Standing standing = target.look(content, suffix);
    if (standing == Standing::kNothing) {
      if (file == nullptr) file = target.write(content, request.file_mode);
      if (target.link(*file, suffix)) standing = Standing::kSame;
    }
    if (standing != Standing::kSame) continue;
    target.sync();
    return {FileResult::Outcome::kConflict, request.aside + "/" + path + suffix, file ? file->write_ms() : 0, 0};
  }
  throw storage_failure(request.aside + "/" + path, EEXIST);
}

void sync_names(const Target& image, const Target& sidecar) {
  image.sync();
  if (sidecar.folder_path() != image.folder_path()) sidecar.sync();
}

// Names what is missing of the two; false when another process took a name first.
bool place(const FileRequest& request, const Target& image, Standing image_standing, const Target& sidecar, Standing sidecar_standing,
           FileResult& result) {
  std::unique_ptr<Temporary> image_file;
  std::unique_ptr<Temporary> sidecar_file;
  if (image_standing == Standing::kNothing) image_file = image.write(request.image, request.file_mode);
  if (sidecar_standing != Standing::kSame) sidecar_file = sidecar.write(request.sidecar, request.file_mode);
  if (sidecar_standing == Standing::kOther) sidecar.remove();
  if (sidecar_file != nullptr && !sidecar.link(*sidecar_file)) return false;
  if (image_file != nullptr && !image.link(*image_file)) return false;
  try {
    sync_names(image, sidecar);
  } catch (...) {
    // The name may vanish in a power cut, so it is withdrawn: a repetition must write again, not find it and believe it.
    if (image_file != nullptr) image.remove();
    throw;
  }
  if (image_file == nullptr) result.outcome = FileResult::Outcome::kSame;
  else result.write_ms = image_file->write_ms();
  return true;
}

FileResult publish(FilePort& files, const FileRequest& request) {
  const Target image(files, request.root, request.path, request.folder_mode);
  const Target sidecar(files, request.root, request.sidecar_path, request.folder_mode);
  for (int race = 0; race < kMaxRaces; race++) {
    const Standing image_standing = image.look(request.image);
    const Standing sidecar_standing = sidecar.look(request.sidecar);
    if (image_standing == Standing::kOther) return set_aside(files, request, request.path, request.image);
    if (image_standing == Standing::kSame && sidecar_standing == Standing::kOther) {
      return set_aside(files, request, request.sidecar_path, request.sidecar);
    }
    FileResult result;
    if (place(request, image, image_standing, sidecar, sidecar_standing, result)) return result;
  }
  throw storage_failure(request.root + "/" + request.path, EEXIST);
}

}  // namespace

FileResult write_durably(FilePort& files, const FileRequest& request) {
  static std::mutex one_writer;
  const std::lock_guard lock(one_writer);
  const auto start = std::chrono::steady_clock::now();
  FileResult result = publish(files, request);
  result.sync_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count() - result.write_ms;
  return result;
}

}  // namespace ccarchiver
