#include "durable_file.h"

#include <cerrno>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

#include "target_folder.h"

namespace ccarchiver {

namespace {

constexpr int kMaxAsides = 1000;
constexpr int kMaxRaces = 3;

FileResult set_aside(FilePort& files, const FileRequest& request, const std::string& name, const Content& content) {
  const std::string relative = RelativePath(request.path).folder;
  const TargetFolder folder(files, request.aside, relative, request.folder_mode);
  std::unique_ptr<Temporary> file;
  for (int n = 1; n <= kMaxAsides; n++) {
    const std::string numbered = name + "." + std::to_string(n);
    Standing standing = folder.look(numbered, content);
    if (standing == Standing::kNothing) {
      if (file == nullptr) file = folder.write(numbered, content, request.file_mode);
      if (folder.link(*file, numbered)) standing = Standing::kSame;
    }
    if (standing != Standing::kSame) continue;
    folder.sync();
    const std::string path = request.aside + "/" + (relative.empty() ? numbered : relative + "/" + numbered);
    return {FileResult::Outcome::kConflict, path, file ? file->write_ms() : 0, 0};
  }
  throw storage_failure(request.aside + "/" + request.path, EEXIST);
}

// The FITS file and its sidecar under the names that they are to have.
class Pair {
 public:
  Pair(FilePort& files, const FileRequest& request, const RelativePath& image, const RelativePath& sidecar)
      : request_(request), image_(image.name), sidecar_(sidecar.name), folder_(files, request.root, image.folder, request.folder_mode) {}

  struct Found {
    Standing image;
    Standing sidecar;
  };
  Found look() const { return {folder_.look(image_, request_.image), folder_.look(sidecar_, request_.sidecar)}; }

  // Places what is missing of the two; nothing when another process took a name first. Only called when what was found is ours or nothing, or
  // when nothing but a left-over sidecar was found.
  std::optional<FileResult> place(const Found& found) const {
    std::unique_ptr<Temporary> image;
    std::unique_ptr<Temporary> sidecar;
    if (found.image == Standing::kNothing) image = folder_.write(image_, request_.image, request_.file_mode);
    if (found.sidecar != Standing::kSame) sidecar = folder_.write(sidecar_, request_.sidecar, request_.file_mode);
    if (found.sidecar == Standing::kOther) folder_.remove(sidecar_);
    if (sidecar != nullptr && !folder_.link(*sidecar, sidecar_)) return std::nullopt;
    if (image != nullptr && !folder_.link(*image, image_)) return std::nullopt;
    sync_names(image != nullptr);
    if (image == nullptr) return FileResult{FileResult::Outcome::kSame, "", 0, 0};
    return FileResult{FileResult::Outcome::kCreated, "", image->write_ms(), 0};
  }

 private:
  // A name that could not be synced may vanish in a power cut, so ours is withdrawn: a repetition must write again, not find it and believe it.
  void sync_names(bool image_is_new) const {
    try {
      folder_.sync();
    } catch (const Failure&) {
      if (image_is_new) folder_.remove(image_);
      throw;
    }
  }

  const FileRequest& request_;
  const std::string image_;
  const std::string sidecar_;
  const TargetFolder folder_;
};

FileResult publish(FilePort& files, const FileRequest& request) {
  const RelativePath image(request.path);
  const RelativePath sidecar(request.sidecar_path);
  if (image.folder != sidecar.folder || image.name == sidecar.name) {
    throw bad_argument("\"" + request.sidecar_path + "\" does not stand beside \"" + request.path + "\"");
  }
  const Pair pair(files, request, image, sidecar);
  for (int race = 0; race < kMaxRaces; race++) {
    const Pair::Found found = pair.look();
    if (found.image == Standing::kOther) return set_aside(files, request, image.name, request.image);
    if (found.image == Standing::kSame && found.sidecar == Standing::kOther) {
      return set_aside(files, request, sidecar.name, request.sidecar);
    }
    if (const std::optional<FileResult> placed = pair.place(found)) return *placed;
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
