#include "finish.h"

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "../core/file_image.h"
#include "../core/handle_table.h"
#include "../io/durable_file.h"
#include "arguments.h"

namespace ccarchiver::binding {

namespace {

constexpr int64_t kMaxSafeInteger = 9007199254740991;
constexpr int64_t kMaxMode = 07777;

const char* outcome_name(FileResult::Outcome outcome) {
  switch (outcome) {
    case FileResult::Outcome::kCreated:
      return "created";
    case FileResult::Outcome::kSame:
      return "same";
    case FileResult::Outcome::kConflict:
      return "conflict";
  }
  return "conflict";
}

// What the writing thread needs; it owns the image until the file is durable.
struct WriteJob {
  FileImage image;
  std::vector<uint8_t> sidecar;
  FileRequest request;
  double gather_ms;
};

Napi::Object to_js(Napi::Env env, const WriteJob& job, const FileResult& result) {
  Napi::Object ms = Napi::Object::New(env);
  ms.Set("gather", job.gather_ms);
  ms.Set("write", result.write_ms);
  ms.Set("sync", result.sync_ms);
  Napi::Array sums = Napi::Array::New(env, job.image.data_sums().size());
  for (uint32_t i = 0; i < sums.Length(); i++) sums.Set(i, Napi::Number::New(env, job.image.data_sums()[i]));
  Napi::Object file = Napi::Object::New(env);
  file.Set("outcome", outcome_name(result.outcome));
  if (result.outcome == FileResult::Outcome::kConflict) file.Set("asidePath", result.aside_path);
  file.Set("bytes", static_cast<double>(job.image.bytes()));
  file.Set("ms", ms);
  file.Set("dataSums", sums);
  return file;
}

class WriteWorker final : public Napi::AsyncWorker {
 public:
  WriteWorker(Napi::Env env, Napi::Promise::Deferred promise, std::unique_ptr<WriteJob> job)
      : Napi::AsyncWorker(env), promise_(promise), job_(std::move(job)) {}

  // On a thread of the process's pool: no JavaScript here.
  void Execute() override {
    try {
      result_ = write_durably(system_files(), job_->request);
    } catch (const Failure& failure) {
      failure_ = failure;
    } catch (const std::exception& error) {
      failure_ = Failure("INTERNAL", {{"problem", error.what()}});
    }
  }

  // The thread that asked may have been terminated meanwhile; the file is as durable without anybody to tell.
  void OnOK() override {
    try {
      if (failure_) promise_.Reject(binding::to_js(Env(), *failure_).Value());
      else promise_.Resolve(to_js(Env(), *job_, result_));
    } catch (...) {
      throw_to_js(Env());
    }
  }

 private:
  Napi::Promise::Deferred promise_;
  std::unique_ptr<WriteJob> job_;
  FileResult result_;
  std::optional<Failure> failure_;
};

HduPlan hdu_plan(const Napi::Object& from) {
  const std::string kind = text(from.Get("kind"), "kind");
  if (kind != "bare" && kind != "segment") throw bad_argument("kind of an HDU must be bare or segment");
  HduPlan plan;
  plan.cards = bytes(from.Get("cards"), "cards");
  if (kind == "bare") return plan;
  plan.segment = static_cast<int>(integer(from.Get("segment"), "segment", 0, kChannels - 1));
  if (const Napi::Value image = from.Get("image"); !image.IsUndefined()) plan.image = bytes(image, "image");
  return plan;
}

std::vector<HduPlan> hdu_plans(const Napi::Object& file) {
  const Napi::Array hdus = array(file.Get("hdus"), "hdus");
  std::vector<HduPlan> plans;
  for (uint32_t i = 0; i < hdus.Length(); i++) plans.push_back(hdu_plan(object(hdus.Get(i), "hdu")));
  return plans;
}

// What bands have made of a source.
FileImage gather_rows(const Napi::Value& source_handle, const Napi::Object& file) {
  const HandleTable::Use source = handle_table().use(handle(source_handle));
  const int ccd = static_cast<int>(integer(file.Get("ccd"), "ccd", 0, kMaxCcds - 1));
  return FileImage(RowSegments(*source, ccd, product(file.Get("product"))), hdu_plans(file), process_pool());
}

StoredSegment stored_segment(const Napi::Object& from, size_t file_bytes) {
  const int64_t most = static_cast<int64_t>(file_bytes);
  StoredSegment segment;
  segment.offset = static_cast<size_t>(integer(from.Get("offset"), "offset", 0, most));
  segment.size.data = static_cast<size_t>(integer(from.Get("bytes"), "bytes", 0, most));
  segment.size.heap = static_cast<size_t>(integer(from.Get("heap"), "heap", 0, most));
  segment.size.longest_row = static_cast<uint32_t>(integer(from.Get("longestRow"), "longestRow", 0, UINT32_MAX));
  segment.pixel_sum = static_cast<uint32_t>(integer(from.Get("pixelSum"), "pixelSum", 0, UINT32_MAX));
  return segment;
}

// What stands in a file.
FileImage gather_stored(const Napi::Value& stored, const Napi::Object& file) {
  const Napi::Object from = object(stored, "stored");
  const std::span<uint8_t> all = bytes(from.Get("bytes"), "bytes");
  const Napi::Array segments = array(from.Get("segments"), "segments");
  std::vector<StoredSegment> list;
  for (uint32_t i = 0; i < segments.Length(); i++) list.push_back(stored_segment(object(segments.Get(i), "segment"), all.size()));
  const bool compressed = from.Get("compressed").ToBoolean();
  return FileImage(StoredSegments(all, compressed, std::move(list)), hdu_plans(file), process_pool());
}

using Gather = FileImage (*)(const Napi::Value& pixels, const Napi::Object& file);

std::unique_ptr<WriteJob> make_job(const Napi::CallbackInfo& info, Gather gather) {
  const auto start = std::chrono::steady_clock::now();
  const Napi::Object file = object(info[1], "file");
  const std::span<uint8_t> sidecar = bytes(file.Get("sidecar"), "sidecar");
  FileRequest request = {};
  request.root = text(file.Get("root"), "root");
  request.path = text(file.Get("path"), "path");
  request.sidecar_path = text(file.Get("sidecarPath"), "sidecarPath");
  request.aside = text(file.Get("aside"), "aside");
  request.file_mode = static_cast<mode_t>(integer(file.Get("fileMode"), "fileMode", 0, kMaxMode));
  request.folder_mode = static_cast<mode_t>(integer(file.Get("folderMode"), "folderMode", 0, kMaxMode));
  auto job = std::make_unique<WriteJob>(WriteJob{gather(info[0], file), {sidecar.begin(), sidecar.end()}, std::move(request), 0});
  job->request.image = {job->image.data(), job->image.bytes(), job->image.padded_bytes()};
  job->request.sidecar = {job->sidecar.data(), job->sidecar.size(), job->sidecar.size()};
  job->gather_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  return job;
}

}  // namespace

uint64_t handle(const Napi::Value& value) { return static_cast<uint64_t>(integer(value, "handle", 0, kMaxSafeInteger)); }

Product product(const Napi::Value& value) {
  const std::string name = text(value, "product");
  if (name == "raw") return Product::kRaw;
  if (name == "corrected") return Product::kCorrected;
  throw bad_argument("product must be raw or corrected");
}

namespace {

Napi::Value write_file(const Napi::CallbackInfo& info, Gather gather) {
  const Napi::Promise::Deferred promise = Napi::Promise::Deferred::New(info.Env());
  try {
    (new WriteWorker(info.Env(), promise, make_job(info, gather)))->Queue();  // deletes itself when done
  } catch (...) {
    promise.Reject(current_to_js(info.Env()).Value());
  }
  return promise.Promise();
}

}  // namespace

Napi::Value js_finish(const Napi::CallbackInfo& info) { return write_file(info, gather_rows); }

Napi::Value js_rewrite(const Napi::CallbackInfo& info) { return write_file(info, gather_stored); }

}  // namespace ccarchiver::binding
