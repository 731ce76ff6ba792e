#include "durable_file.h"

#include <cerrno>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>

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

// The FITS file and its sidecar under the names that they are to have.
class Pair {
 public:
  Pair(FilePort& files, const FileRequest& request)
      : request_(request),
        image_(files, request.root, request.path, request.folder_mode),
        sidecar_(files, request.root, request.sidecar_path, request.folder_mode) {}

  struct Found {
    Standing image;
    Standing sidecar;
  };
  Found look() const { return {image_.look(request_.image), sidecar_.look(request_.sidecar)}; }

  // Places what is missing of the two; nothing when another process took a name first. Only called when what was found is ours or nothing, or
  // when nothing but a left-over sidecar was found.
  std::optional<FileResult> place(const Found& found) const {
    FileResult result;
    std::unique_ptr<Temporary> image;
    std::unique_ptr<Temporary> sidecar;
    if (found.image == Standing::kNothing) image = image_.write(request_.image, request_.file_mode);
    if (found.sidecar != Standing::kSame) sidecar = sidecar_.write(request_.sidecar, request_.file_mode);
    if (found.sidecar == Standing::kOther) sidecar_.remove();
    if (sidecar != nullptr && !sidecar_.link(*sidecar)) return std::nullopt;
    if (image == nullptr) {
      result.outcome = FileResult::Outcome::kSame;
    } else {
      if (!image_.link(*image)) return std::nullopt;
      result.write_ms = image->write_ms();
    }
    sync_names(image != nullptr);
    return result;
  }

 private:
  // A name that could not be synced may vanish in a power cut, so ours is withdrawn: a repetition must write again, not find it and believe it.
  void sync_names(bool image_is_new) const {
    try {
      image_.sync();
      if (sidecar_.folder_path() != image_.folder_path()) sidecar_.sync();
    } catch (const Failure&) {
      if (image_is_new) image_.remove();
      throw;
    }
  }

  const FileRequest& request_;
  const Target image_;
  const Target sidecar_;
};

FileResult publish(FilePort& files, const FileRequest& request) {
  const Pair pair(files, request);
  for (int race = 0; race < kMaxRaces; race++) {
    const Pair::Found found = pair.look();
    if (found.image == Standing::kOther) return set_aside(files, request, request.path, request.image);
    if (found.image == Standing::kSame && found.sidecar == Standing::kOther) {
      return set_aside(files, request, request.sidecar_path, request.sidecar);
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
