// Every operation fails once, and the process dies before every operation: no partial name is left, and repeating the call makes it good.
#include <cerrno>
#include <string>

#include "../core/failure.h"
#include "../io/durable_file.h"
#include "support/run.h"
#include "support/scripted_files.h"
#include "support/write_request.h"

using namespace ccarchiver;
using namespace ccarchiver::test;
using Outcome = FileResult::Outcome;
using Fault = int (*)(const ScriptedFiles::Operation&);

namespace {

const Fault kFileSystems[] = {[](const ScriptedFiles::Operation&) { return 0; }, without_direct, without_unnamed};

// Runs the write; the code of its failure, or nothing.
std::string failure_of(FilePort& files, const FileRequest& request) {
  try {
    write_durably(files, request);
    return "";
  } catch (const Failure& failure) {
    return failure.code();
  }
}

void check_whole_or_absent(const TemporaryFolder& folder, const WriteRequest& write) {
  if (folder.has(kSidecar)) CHECK(folder.read(kSidecar) == write.sidecar);
  if (!folder.has(kFits)) return;
  CHECK(folder.read(kFits) == write.image());
  CHECK(folder.has(kSidecar));
}

void check_repetition(const TemporaryFolder& folder, const WriteRequest& write) {
  CHECK(write_durably(system_files(), write.request).outcome != Outcome::kConflict);
  CHECK(folder.read(kFits) == write.image());
  CHECK(folder.read(kSidecar) == write.sidecar);
}

}  // namespace

TEST_CASE("after a failure of any operation the file is not there, and a repetition creates it") {
  for (const Fault file_system : kFileSystems) {
    bool reached = true;
    int number = 0;
    for (; reached; number++) {
      const TemporaryFolder folder;
      const WriteRequest write(folder);
      ScriptedFiles files;
      files.fault = file_system;
      files.fail_at = number;
      INFO("operation ", number);
      const std::string code = failure_of(files, write.request);
      reached = files.reached_fault();
      if (!reached) break;
      INFO(files.done[static_cast<size_t>(number)].name);
      // A temporary name that cannot be removed is the one failure that does no harm: start-up clears .tmp.
      const bool harmless = files.done[static_cast<size_t>(number)].name == "unlink";
      CHECK(code == (harmless ? "" : "WRITE_FAILED"));
      if (!harmless) CHECK_FALSE(folder.has(kFits));
      check_whole_or_absent(folder, write);
      check_repetition(folder, write);
    }
    CHECK(number > 20);
  }
}

TEST_CASE("death before any operation leaves whole files or none, and a repetition makes it good") {
  for (const Fault file_system : kFileSystems) {
    bool died = true;
    int number = 0;
    for (; died; number++) {
      const TemporaryFolder folder;
      const WriteRequest write(folder);
      ScriptedFiles files;
      files.fault = file_system;
      files.die_at = number;
      CHECK_NOTHROW([&] {
        try {
          write_durably(files, write.request);
        } catch (const Death&) {
        }
      }());
      died = files.is_dead();
      INFO("before operation ", number);
      check_whole_or_absent(folder, write);
      check_repetition(folder, write);
    }
    CHECK(number > 20);
  }
}

TEST_CASE("every failure while a file is set aside leaves what stands untouched, and a repetition sets it aside") {
  bool reached = true;
  for (int number = 0; reached; number++) {
    const TemporaryFolder folder;
    const WriteRequest first(folder, 1);
    const WriteRequest second(folder, 2);
    write_durably(system_files(), first.request);
    ScriptedFiles files;
    files.fail_at = number;
    const std::string code = failure_of(files, second.request);
    reached = files.reached_fault();
    CHECK(code == (reached ? "WRITE_FAILED" : ""));
    CHECK(folder.read(kFits) == first.image());
    CHECK(write_durably(system_files(), second.request).aside_path == folder.path("aside/a/b/x.fits.1"));
    CHECK(folder.read("aside/a/b/x.fits.1") == second.image());
  }
}

TEST_CASE("the cause decides the code") {
  const auto code_for = [](int error) {
    const TemporaryFolder folder;
    const WriteRequest write(folder);
    ScriptedFiles files;
    files.fault = [error](const ScriptedFiles::Operation& operation) { return operation.name == "write" ? -error : 0; };
    return failure_of(files, write.request);
  };
  for (const int error : {ENOSPC, EDQUOT}) CHECK(code_for(error) == "DISK_FULL");
  for (const int error : {EACCES, EPERM, EROFS}) CHECK(code_for(error) == "FOLDER_UNWRITABLE");
  for (const int error : {EIO, EFBIG, EINVAL, EMFILE}) CHECK(code_for(error) == "WRITE_FAILED");
}

TEST_CASE("a write that takes nothing is a failure, not an endless loop") {
  const TemporaryFolder folder;
  const WriteRequest write(folder);
  ScriptedFiles files;
  files.write_limit = 0;
  CHECK(failure_of(files, write.request) == "WRITE_FAILED");
}

TEST_CASE("a failed sync is never tried again on the same open file") {
  const TemporaryFolder folder;
  const WriteRequest write(folder);
  int failed = -1;
  int later = 0;
  ScriptedFiles files;
  files.fault = [&](const ScriptedFiles::Operation& operation) {
    if (operation.name != "sync") return 0;
    if (failed == operation.file) later++;
    const bool is_image = failed < 0 && files.index_of("write", "") >= 0;
    if (!is_image) return 0;
    failed = operation.file;
    return -EIO;
  };
  CHECK(failure_of(files, write.request) == "WRITE_FAILED");
  CHECK(failed >= 0);
  CHECK(later == 0);
}
