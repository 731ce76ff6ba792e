// The order that durability depends on, and the paths that are refused.
#include <algorithm>
#include <string>

#include "../core/failure.h"
#include "../io/durable_file.h"
#include "../io/folder.h"
#include "support/run.h"
#include "support/scripted_files.h"
#include "support/write_request.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

TEST_CASE("both files are synced before either has a name, the sidecar is named first, and the folder is synced last") {
  const TemporaryFolder folder;
  const WriteRequest write(folder);
  ScriptedFiles files;
  write_durably(files, write.request);
  const int sidecar = files.index_of("link", "x.json");
  const int image = files.index_of("link", "x.fits");
  REQUIRE(sidecar > 0);
  CHECK(sidecar < image);
  int writes = 0;
  for (int i = 0; i < sidecar; i++) {
    const auto& operation = files.done[static_cast<size_t>(i)];
    if (operation.name != "write") continue;
    writes++;
    const auto synced = std::find_if(files.done.begin() + i, files.done.begin() + sidecar,
                                     [&](const auto& later) { return later.name == "sync" && later.file == operation.file; });
    CHECK(synced != files.done.begin() + sidecar);
  }
  CHECK(writes == 2);
  CHECK(files.done.back().name == "sync");
  CHECK(files.done.back().file == files.done[static_cast<size_t>(image)].file);
}

TEST_CASE("the image goes to disk past the page cache, in one write") {
  const TemporaryFolder folder;
  const WriteRequest write(folder);
  ScriptedFiles files;
  write_durably(files, write.request);
  const auto direct = [](const auto& operation) { return operation.name == "open" && (operation.flags & O_DIRECT) != 0; };
  CHECK(std::count_if(files.done.begin(), files.done.end(), direct) == 1);
  CHECK(std::count_if(files.done.begin(), files.done.end(), [](const auto& operation) { return operation.name == "write"; }) == 2);
}

TEST_CASE("each folder level is synced in its parent, also when it was there") {
  for (const bool exists : {false, true}) {
    const TemporaryFolder folder;
    const WriteRequest write(folder);
    if (exists) folder.make("root/a/b");
    ScriptedFiles files;
    write_durably(files, write.request);
    for (size_t i = 0; i < files.done.size(); i++) {
      if (files.done[i].name != "make_folder") continue;
      const int parent = files.done[i].file;
      const auto next_level = std::find_if(files.done.begin() + static_cast<int>(i) + 1, files.done.end(), [&](const auto& later) {
        return later.name == "sync" && later.file == parent;
      });
      CHECK(next_level != files.done.end());
      CHECK(next_level - files.done.begin() <= static_cast<int>(i) + 3);
    }
  }
}

TEST_CASE("bytes that stood there before are synced before they are believed") {
  const TemporaryFolder folder;
  const WriteRequest write(folder);
  write_durably(system_files(), write.request);
  ScriptedFiles files;
  write_durably(files, write.request);
  for (const char* name : {"x.fits", "x.json"}) {
    const int opened = files.index_of("open", name);
    REQUIRE(opened >= 0);
    CHECK(files.done[static_cast<size_t>(opened) + 1].name == "sync");
  }
}

TEST_CASE("a path that is not plain and relative is refused before anything is done") {
  const TemporaryFolder folder;
  const std::vector<std::string> paths = {"", "/", "/etc/x", "../x", "a/../x", "a/..", "a//x", "./x", "a/./x", "a/", "..", ".", std::string("a\0b", 3)};
  for (const std::string& path : paths) {
    INFO("path ", path);
    ScriptedFiles files;
    WriteRequest write(folder);
    write.request.path = path;
    CHECK_THROWS_AS(write_durably(files, write.request), Failure);
    WriteRequest sidecar(folder);
    sidecar.request.sidecar_path = path;
    CHECK_THROWS_AS(write_durably(files, sidecar.request), Failure);
    CHECK(files.done.empty());
  }
}

TEST_CASE("a sidecar that would not stand beside its file, or in its place, is refused") {
  const TemporaryFolder folder;
  for (const char* path : {"x.json", "a/x.json", "a/b/c/x.json", "a/b/x.fits"}) {
    WriteRequest write(folder);
    write.request.sidecar_path = path;
    CHECK_THROWS_AS(write_durably(system_files(), write.request), Failure);
  }
}

TEST_CASE("a link in the place of a folder is not followed") {
  const TemporaryFolder folder;
  const WriteRequest write(folder);
  const std::string outside = folder.make("outside");
  std::filesystem::create_directory_symlink(outside, folder.path("root/a"));
  CHECK_THROWS_AS(write_durably(system_files(), write.request), Failure);
  CHECK_FALSE(folder.has("outside/b"));
}
