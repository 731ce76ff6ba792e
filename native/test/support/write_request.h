// A FITS-sized file and its sidecar, on their way to <folder>/root/a/b/x.fits.
#pragma once
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "../../io/durable_file.h"
#include "temporary_folder.h"

namespace ccarchiver::test {

inline const std::string kFits = "root/a/b/x.fits";
inline const std::string kSidecar = "root/a/b/x.json";

class WriteRequest {
 public:
  explicit WriteRequest(const TemporaryFolder& folder, uint8_t seed = 1) : sidecar(100 + seed, seed) {
    const size_t padded = (kBytes + 4095) / 4096 * 4096;
    aligned_.reset(static_cast<uint8_t*>(std::aligned_alloc(4096, padded)));
    for (size_t i = 0; i < padded; i++) aligned_.get()[i] = i < kBytes ? static_cast<uint8_t>(i * seed + i / 251) : 0;
    request.root = folder.make("root");
    request.aside = folder.make("aside");
    request.path = "a/b/x.fits";
    request.sidecar_path = "a/b/x.json";
    request.image = {aligned_.get(), kBytes, padded};
    request.sidecar = {sidecar.data(), sidecar.size(), sidecar.size()};
    request.file_mode = 0444;
    request.folder_mode = 0755;
  }

  std::vector<uint8_t> image() const { return {aligned_.get(), aligned_.get() + kBytes}; }

  static constexpr size_t kBytes = 9 * 2880;
  FileRequest request;
  std::vector<uint8_t> sidecar;

 private:
  std::unique_ptr<uint8_t, decltype(&std::free)> aligned_{nullptr, &std::free};
};

}  // namespace ccarchiver::test
