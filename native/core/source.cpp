#include "source.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "checksum.h"
#include "failure.h"
#include "layout_check.h"
#include "row_scratch.h"

namespace ccarchiver {

namespace {

bool is_made(const SourceOptions& options, int ccd, Product product) {
  return options.wanted[static_cast<int>(product)] && (product == Product::kRaw || options.has_crosstalk[ccd]);
}

}  // namespace

struct Source::Sums {
  uint64_t pixel_sum[kMaxCcds][kProducts][kChannels] = {};
};

// The right of one band to its rows; they are missing again when it ends without `keep`.
class Source::Claim {
 public:
  Claim(Source& source, int first, int count) : source_(source), first_(first), count_(count) {
    const std::lock_guard lock(source.mutex_);
    const auto begin = source.state_.begin() + first;
    const auto taken = std::find_if(begin, begin + count, [](RowState state) { return state != RowState::kMissing; });
    if (taken != begin + count) throw bad_argument("row " + std::to_string(taken - source.state_.begin()) + " was given twice");
    source.set_state(first, count, RowState::kUnderWay);
  }

  ~Claim() {
    if (kept_) return;
    const std::lock_guard lock(source_.mutex_);
    source_.set_state(first_, count_, RowState::kMissing);
  }

  void keep(std::vector<Run>& blocks, const Sums& sums) {
    const std::lock_guard lock(source_.mutex_);
    const size_t held = source_.blocks_.size();
    source_.resize(source_.blocks_, held + blocks.size());
    std::move(blocks.begin(), blocks.end(), source_.blocks_.begin() + static_cast<std::ptrdiff_t>(held));
    for (int ccd = 0; ccd < kMaxCcds; ccd++) {
      for (int product = 0; product < kProducts; product++) {
        uint64_t* total = source_.rows_[ccd][product].pixel_sum;
        for (int f = 0; f < kChannels; f++) total[f] += sums.pixel_sum[ccd][product][f];
      }
    }
    source_.set_state(first_, count_, RowState::kDone);
    source_.done_ += count_;
    kept_ = true;
  }

 private:
  Source& source_;
  const int first_;
  const int count_;
  bool kept_ = false;
};

// The calling thread's list of blocks, for one band. Its memory stays from band to band, or it would be allocated for each.
class Source::BlockList {
 public:
  explicit BlockList(Pool& pool) : pool_(pool), capacity_(blocks().capacity()) {}
  // Blocks that the source has not taken over go back to the pool.
  ~BlockList() {
    if (blocks().capacity() > capacity_) pool_.count_table_growth();
    blocks().clear();
  }

  std::vector<Run>& blocks() const {
    thread_local std::vector<Run> list;
    return list;
  }

 private:
  Pool& pool_;
  const size_t capacity_;
};

void Source::open(const SourceOptions& options) {
  check_layout(options.layout);
  options_ = options;
  const size_t rows = static_cast<size_t>(options.layout.rows);
  resize(state_, rows);
  set_state(0, options.layout.rows, RowState::kMissing);
  done_ = 0;
  for (int ccd = 0; ccd < options.layout.ccd_count; ccd++) {
    for (int product = 0; product < kProducts; product++) {
      ProductRows& made = rows_[ccd][product];
      if (is_made(options, ccd, static_cast<Product>(product))) resize(made.rows, rows);  // records of other sources stay until they are written
      std::fill_n(made.pixel_sum, kChannels, 0);
    }
  }
}

void Source::close() { blocks_.clear(); }

template <typename Table>
void Source::resize(Table& table, size_t count) {
  if (count > table.capacity()) pool_.count_table_growth();
  table.resize(count);
}

uint32_t Source::band(int first, int count, const uint8_t* packed, size_t bytes, size_t behind) {
  const SourceLayout& layout = options_.layout;
  if (first < 0 || count < 1 || first > layout.rows - count) {
    throw bad_argument("rows " + std::to_string(first) + "+" + std::to_string(count) + " are not within " + std::to_string(layout.rows));
  }
  const size_t row_bytes = layout.row_bytes();
  const size_t expected = row_bytes * static_cast<size_t>(count);
  if (bytes != expected) throw bad_argument("a band of " + std::to_string(expected) + " bytes has " + std::to_string(bytes));

  Claim claim(*this, first, count);
  RowScratch& scratch = row_scratch(layout);
  const BlockList list(pool_);
  RowWriter writer(pool_, list.blocks());
  Sums sums;
  uint32_t crc = 0;
  for (int row = 0; row < count; row++, packed += row_bytes, bytes -= row_bytes) {
    crc = crc32(packed, row_bytes, crc);
    const uint8_t* readable = packed;
    if (bytes + behind < row_bytes + kReadSlack) {  // the caller's buffer may end with its last row
      std::memcpy(scratch.packed, packed, row_bytes);
      readable = scratch.packed;
    }
    encode_row(readable, first + row, writer, sums);
  }
  claim.keep(writer.finish(), sums);
  return crc;
}

// All CCDs and products of one row, so that the packed words come from memory once.
void Source::encode_row(const uint8_t* packed, int row, RowWriter& writer, Sums& sums) {
  for (int ccd = 0; ccd < options_.layout.ccd_count; ccd++) {
    if (options_.compression == Compression::kRice) encode_tiles_of(ccd, packed, row, writer, sums);
    else encode_plain(ccd, packed, row, writer, sums);
  }
}

void Source::encode_tiles_of(int ccd, const uint8_t* packed, int row, RowWriter& writer, Sums& sums) {
  const SourceLayout& layout = options_.layout;
  RowScratch& scratch = row_scratch(layout);
  TileRow* const tiles[kProducts] = {is_made(options_, ccd, Product::kRaw) ? &scratch.raw_tiles : nullptr,
                                     is_made(options_, ccd, Product::kCorrected) ? &scratch.corrected_tiles : nullptr};
  const Crosstalk* crosstalk = options_.has_crosstalk[ccd] ? &options_.crosstalk[ccd] : nullptr;
  for (TileRow* made : tiles) {
    if (made != nullptr) std::fill_n(made->pixel_sum, kChannels, 0);
  }
  encode_tiles({layout, ccd, crosstalk, packed, scratch.stripes, scratch.corrected}, tiles[0], tiles[1]);
  for (int product = 0; product < kProducts; product++) {
    if (tiles[product] == nullptr) continue;
    for (int f = 0; f < kChannels; f++) sums.pixel_sum[ccd][product][f] += tiles[product]->pixel_sum[f];
    rows_[ccd][product].rows[static_cast<size_t>(row)] = writer.write_tiles(*tiles[product], layout.ccd[ccd].segments, scratch);
  }
}

void Source::encode_plain(int ccd, const uint8_t* packed, int row, RowWriter& writer, Sums& sums) {
  const SourceLayout& layout = options_.layout;
  const int segments = layout.ccd[ccd].segments;
  RowScratch& scratch = row_scratch(layout);
  unpack_row(layout, ccd, packed, scratch.stripes);
  for (const Product product : {Product::kRaw, Product::kCorrected}) {
    if (!is_made(options_, ccd, product)) continue;
    const int32_t* stripes = scratch.stripes;
    if (product == Product::kCorrected) {
      correct_row(layout, ccd, options_.crosstalk[ccd], scratch.stripes, scratch.corrected);
      stripes = scratch.corrected;
    }
    const int index = static_cast<int>(product);
    add_pixel_sums(stripes, layout.columns, segments, sums.pixel_sum[ccd][index]);
    rows_[ccd][index].rows[static_cast<size_t>(row)] = writer.write_plain(stripes, layout.columns, segments);
  }
}

const ProductRows& Source::finished(int ccd, Product product) const {
  if (ccd < 0 || ccd >= options_.layout.ccd_count) throw bad_argument("CCD " + std::to_string(ccd) + " is not one of this source");
  if (!is_made(options_, ccd, product)) throw bad_argument("the product was not asked for when the source was opened, or has no coefficients");
  const std::lock_guard lock(mutex_);
  if (done_ < options_.layout.rows) {
    throw bad_argument(std::to_string(options_.layout.rows - done_) + " of " + std::to_string(options_.layout.rows) + " rows are missing");
  }
  return rows_[ccd][static_cast<int>(product)];
}

void Source::set_state(int first, int count, RowState state) { std::fill_n(state_.begin() + first, count, state); }

}  // namespace ccarchiver
