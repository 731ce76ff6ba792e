// One source: the rows that its bands have made so far, per CCD and product.
#pragma once
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

#include "geometry.h"
#include "kernels.h"
#include "pool.h"
#include "product.h"
#include "row_scratch.h"
#include "row_writer.h"

namespace ccarchiver {

struct SourceOptions {
  SourceLayout layout;
  bool wanted[kProducts] = {};
  Compression compression = Compression::kRice;
  // Coefficients of the CCDs that have any; a CCD without them has no corrected product.
  bool has_crosstalk[kMaxCcds] = {};
  Crosstalk crosstalk[kMaxCcds];
};

struct ProductRows {
  std::vector<RowLengths> rows;
  std::vector<RowGroup> groups;       // by their first rows; the places between are without meaning
  uint64_t pixel_sum[kChannels] = {};  // of the 32-bit pixels, not folded
};

// Thread-safe between `open` and `close`. Two threads may band different rows at once; a finished source is only read. Its tables are kept from one
// opening to the next: 1.6 MB for a science REB, which fresh from the system would be paid for page by page.
class Source {
 public:
  explicit Source(Pool& pool) : pool_(pool) {}
  Source(const SourceOptions& options, Pool& pool) : Source(pool) { open(options); }

  // Makes it a source without rows. Nobody else may use it meanwhile. Throws NATIVE_ARGUMENT for a layout out of range.
  void open(const SourceOptions& options);
  // Gives its blocks back to the pool. Nobody else may use it meanwhile.
  void close();

  // Unpacks, corrects and encodes whole rows; returns the CRC-32 of `packed`. A call that throws (NATIVE_ARGUMENT: rows out of range, given twice
  // or of a wrong length; POOL_EXHAUSTED) leaves no trace and may be repeated. `behind`: bytes after `packed` that may be read, whatever they hold;
  // with kReadSlack of them no row is copied.
  uint32_t band(int first, int count, const uint8_t* packed, size_t bytes, size_t behind = 0);

  // Throws NATIVE_ARGUMENT unless every row is there and the product was wanted and can be made.
  const ProductRows& finished(int ccd, Product product) const;

  const SourceOptions& options() const { return options_; }

 private:
  enum class RowState : uint8_t { kMissing, kUnderWay, kDone };
  class Claim;
  class BlockList;

  void encode_row(const uint8_t* packed, int row, RowScratch& scratch);
  void encode_tiles_of(int ccd, const uint8_t* packed, RowScratch& scratch);
  void encode_plain(int ccd, const uint8_t* packed, RowScratch& scratch);
  void write_groups(int first, RowScratch& scratch, RowWriter& writer);
  void set_state(int first, int count, RowState state);
  template <typename Work>
  void for_each_product(int ccd, Work work) const;
  template <typename Table>
  void resize(Table& table, size_t count);

  SourceOptions options_ = {};
  Pool& pool_;
  mutable std::mutex mutex_;  // guards all below but the records of rows under way, which belong to the band that claimed them
  std::vector<RowState> state_;
  int done_ = 0;
  ProductRows rows_[kMaxCcds][kProducts];
  std::vector<Run> blocks_;
};

}  // namespace ccarchiver
