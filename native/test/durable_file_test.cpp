// What stands on disk after a write: ours, whole, with its sidecar; what stood there before is never lost.
#include "../io/durable_file.h"

#include <fcntl.h>

#include <thread>

#include "support/run.h"
#include "support/scripted_files.h"
#include "support/write_request.h"

using namespace ccarchiver;
using namespace ccarchiver::test;
using Outcome = FileResult::Outcome;

TEST_CASE("a file and its sidecar stand with their bytes and modes, and nothing else does") {
  using Fault = int (*)(const ScriptedFiles::Operation&);
  const Fault none = [](const ScriptedFiles::Operation&) { return 0; };
  for (const Fault fault : {none, Fault{without_direct}, Fault{without_unnamed}}) {
    const TemporaryFolder folder;
    const WriteRequest write(folder);
    ScriptedFiles files;
    files.fault = fault;
    CHECK(write_durably(files, write.request).outcome == Outcome::kCreated);
    CHECK(folder.files() == std::vector<std::string>{kFits, kSidecar});
    CHECK(folder.read(kFits) == write.image());
    CHECK(folder.read(kSidecar) == write.sidecar);
    CHECK(folder.mode(kFits) == 0444);
    CHECK(folder.mode(kSidecar) == 0444);
    CHECK(folder.mode("root/a/b") == 0755);
  }
}

TEST_CASE("folder modes do not depend on the umask") {
  const TemporaryFolder folder;
  const WriteRequest write(folder);
  const mode_t before = umask(077);
  write_durably(system_files(), write.request);
  umask(before);
  CHECK(folder.mode("root/a") == 0755);
  CHECK(folder.mode("root/a/b") == 0755);
}

TEST_CASE("a disk that takes a few bytes at a time gets all of them") {
  for (const size_t limit : {size_t{4096}, size_t{1000}}) {  // the second breaks the alignment that O_DIRECT needs
    const TemporaryFolder folder;
    const WriteRequest write(folder);
    ScriptedFiles files;
    files.write_limit = limit;
    write_durably(files, write.request);
    CHECK(folder.read(kFits) == write.image());
  }
}

TEST_CASE("writing the same again changes nothing and says so") {
  const TemporaryFolder folder;
  const WriteRequest write(folder);
  write_durably(system_files(), write.request);
  ScriptedFiles files;
  CHECK(write_durably(files, write.request).outcome == Outcome::kSame);
  for (const auto& operation : files.done) CHECK(operation.name != "write");
  CHECK(folder.files().size() == 2);
}

TEST_CASE("a file whose sidecar went gets it back") {
  const TemporaryFolder folder;
  const WriteRequest write(folder);
  write_durably(system_files(), write.request);
  std::filesystem::remove(folder.path(kSidecar));
  CHECK(write_durably(system_files(), write.request).outcome == Outcome::kSame);
  CHECK(folder.read(kSidecar) == write.sidecar);
}

TEST_CASE("other bytes under the name stay, ours are set aside once") {
  const TemporaryFolder folder;
  const WriteRequest first(folder, 1);
  const WriteRequest second(folder, 2);
  const WriteRequest third(folder, 3);
  write_durably(system_files(), first.request);
  for (int repeat = 0; repeat < 2; repeat++) {
    const FileResult result = write_durably(system_files(), second.request);
    CHECK(result.outcome == Outcome::kConflict);
    CHECK(result.aside_path == folder.path("aside/a/b/x.fits.1"));
  }
  CHECK(write_durably(system_files(), third.request).aside_path == folder.path("aside/a/b/x.fits.2"));
  CHECK(folder.read(kFits) == first.image());
  CHECK(folder.read(kSidecar) == first.sidecar);
  CHECK(folder.read("aside/a/b/x.fits.1") == second.image());
  CHECK(folder.read("aside/a/b/x.fits.2") == third.image());
  CHECK(folder.files().size() == 4);
}

TEST_CASE("a shorter, longer or different file, a link, a folder and a pipe under the name are conflicts") {
  const auto conflicts = [](auto place) {
    const TemporaryFolder folder;
    const WriteRequest write(folder);
    folder.make("root/a/b");
    place(folder, write.image());
    CHECK(write_durably(system_files(), write.request).outcome == Outcome::kConflict);
    CHECK(folder.read("aside/a/b/x.fits.1") == write.image());
  };
  conflicts([](const TemporaryFolder& folder, std::vector<uint8_t> bytes) { bytes.pop_back(), folder.write(kFits, bytes); });
  conflicts([](const TemporaryFolder& folder, std::vector<uint8_t> bytes) { bytes.push_back(0), folder.write(kFits, bytes); });
  conflicts([](const TemporaryFolder& folder, std::vector<uint8_t> bytes) { bytes.back() ^= 1, folder.write(kFits, bytes); });
  conflicts([](const TemporaryFolder& folder, const std::vector<uint8_t>&) { folder.write(kFits, {}); });
  conflicts([](const TemporaryFolder& folder, const std::vector<uint8_t>& bytes) {
    folder.write("elsewhere", bytes);
    std::filesystem::create_symlink(folder.path("elsewhere"), folder.path(kFits));
  });
  conflicts([](const TemporaryFolder& folder, const std::vector<uint8_t>&) { folder.make(kFits); });
  conflicts([](const TemporaryFolder& folder, const std::vector<uint8_t>&) { REQUIRE(mkfifo(folder.path(kFits).c_str(), 0600) == 0); });
}

TEST_CASE("a left-over sidecar without its file gives way; beside its file it stays and ours is set aside") {
  const TemporaryFolder folder;
  const WriteRequest write(folder);
  folder.write(kSidecar, {1, 2, 3});
  CHECK(write_durably(system_files(), write.request).outcome == Outcome::kCreated);
  CHECK(folder.read(kSidecar) == write.sidecar);

  std::filesystem::remove(folder.path(kSidecar));
  folder.write(kSidecar, {1, 2, 3});
  const FileResult result = write_durably(system_files(), write.request);
  CHECK(result.outcome == Outcome::kConflict);
  CHECK(result.aside_path == folder.path("aside/a/b/x.json.1"));
  CHECK(folder.read(kSidecar) == std::vector<uint8_t>{1, 2, 3});
  CHECK(folder.read("aside/a/b/x.json.1") == write.sidecar);
}

TEST_CASE("two threads that write the same file both succeed, one of them by finding it") {
  const TemporaryFolder folder;
  const WriteRequest write(folder);
  Outcome outcomes[2];
  std::thread other([&] { outcomes[0] = write_durably(system_files(), write.request).outcome; });
  outcomes[1] = write_durably(system_files(), write.request).outcome;
  other.join();
  CHECK((outcomes[0] == Outcome::kCreated) != (outcomes[1] == Outcome::kCreated));
  CHECK((outcomes[0] == Outcome::kSame) != (outcomes[1] == Outcome::kSame));
}

TEST_CASE("a name that another process takes between look and link is compared, not replaced") {
  const TemporaryFolder folder;
  const WriteRequest write(folder, 1);
  const WriteRequest rival(folder, 2);
  for (const WriteRequest* theirs : {&write, &rival}) {
    std::filesystem::remove_all(folder.path("root/a"));
    ScriptedFiles files;
    files.fault = [&](const ScriptedFiles::Operation& operation) {
      if (operation.name == "link" && operation.target == "x.fits" && !folder.has(kFits)) folder.write(kFits, theirs->image());
      return 0;
    };
    CHECK(write_durably(files, write.request).outcome == (theirs == &write ? Outcome::kSame : Outcome::kConflict));
    CHECK(folder.read(kFits) == theirs->image());
  }
}
