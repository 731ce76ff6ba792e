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

// So many packed words are summed ahead of the rows that they hold: long enough runs that the processor fetches them from memory at its full rate, and
// few enough that all are still in the second cache when they are unpacked.
constexpr size_t kSummedBytes = 128 * 1024;

bool is_made(const SourceOptions& options, int ccd, Product product) {
  return options.wanted[static_cast<int>(product)] && (product == Product::kRaw || options.has_crosstalk[ccd]);
}

}  // namespace

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

  void keep(std::vector<Run>& blocks, const RowScratch& scratch) {
    const std::lock_guard lock(source_.mutex_);
    const size_t held = source_.blocks_.size();
    source_.resize(source_.blocks_, held + blocks.size());
    std::move(blocks.begin(), blocks.end(), source_.blocks_.begin() + static_cast<std::ptrdiff_t>(held));
    for (int ccd = 0; ccd < kMaxCcds; ccd++) {
      for (int product = 0; product < kProducts; product++) {
        uint64_t* total = source_.rows_[ccd][product].pixel_sum;
        for (int f = 0; f < kChannels; f++) total[f] += scratch.tiles[ccd][product].pixel_sum()[f];
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
      if (is_made(options, ccd, static_cast<Product>(product))) {  // records of other sources stay until they are written
        resize(made.rows, rows);
        resize(made.groups, rows);
      }
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
  const int summed_rows = std::max(1, static_cast<int>(kSummedBytes / row_bytes));
  uint32_t crc = 0;
  for (int row = 0; row < count; row++, packed += row_bytes, bytes -= row_bytes) {
    if (row % summed_rows == 0) crc = crc32(packed, row_bytes * static_cast<size_t>(std::min(summed_rows, count - row)), crc);
    const uint8_t* readable = packed;
    if (bytes + behind < row_bytes + kReadSlack) {  // the caller's buffer may end with its last row
      std::memcpy(scratch.packed, packed, row_bytes);
      readable = scratch.packed;
    }
    encode_row(readable, first + row, scratch);
    const int grouped = row % TileStack::kRows + 1;
    if (grouped == TileStack::kRows || row + 1 == count) write_groups(first + row + 1 - grouped, scratch, writer);
  }
  claim.keep(writer.finish(), scratch);
  return crc;
}

// All CCDs and products of one row, so that the packed words come from memory once.
void Source::encode_row(const uint8_t* packed, int row, RowScratch& scratch) {
  for (int ccd = 0; ccd < options_.layout.ccd_count; ccd++) {
    if (options_.compression == Compression::kRice) encode_tiles_of(ccd, packed, scratch);
    else encode_plain(ccd, packed, scratch);
    for_each_product(ccd, [&](int product) {
      rows_[ccd][product].rows[static_cast<size_t>(row)] = scratch.tiles[ccd][product].push(options_.layout.ccd[ccd].segments);
    });
  }
}

void Source::encode_tiles_of(int ccd, const uint8_t* packed, RowScratch& scratch) {
  TileRow* tiles[kProducts] = {};
  for_each_product(ccd, [&](int product) { tiles[product] = &scratch.tiles[ccd][product].row(); });
  const Crosstalk* crosstalk = options_.has_crosstalk[ccd] ? &options_.crosstalk[ccd] : nullptr;
  encode_tiles({options_.layout, ccd, crosstalk, packed, scratch.stripes, scratch.corrected}, tiles[0], tiles[1]);
}

void Source::encode_plain(int ccd, const uint8_t* packed, RowScratch& scratch) {
  const SourceLayout& layout = options_.layout;
  const int segments = layout.ccd[ccd].segments;
  unpack_row(layout, ccd, packed, scratch.stripes);
  for_each_product(ccd, [&](int product) {
    const bool is_raw = product == static_cast<int>(Product::kRaw);
    if (!is_raw) correct_row(layout, ccd, options_.crosstalk[ccd], scratch.stripes, scratch.corrected);
    const int32_t* stripes = is_raw ? scratch.stripes : scratch.corrected;
    TileRow& row = scratch.tiles[ccd][product].row();
    add_pixel_sums(stripes, layout.columns, segments, row.pixel_sum);
    store_plain(stripes, layout.columns, segments, row);
  });
}

// What was encoded since the last time, from row `first` on, passes to the pool.
void Source::write_groups(int first, RowScratch& scratch, RowWriter& writer) {
  for (int ccd = 0; ccd < options_.layout.ccd_count; ccd++) {
    for_each_product(ccd, [&](int product) {
      TileStack& tiles = scratch.tiles[ccd][product];
      rows_[ccd][product].groups[static_cast<size_t>(first)] = writer.write(tiles, options_.layout.ccd[ccd].segments);
      tiles.clear();
    });
  }
}

template <typename Work>
void Source::for_each_product(int ccd, Work work) const {
  for (const Product product : {Product::kRaw, Product::kCorrected}) {
    if (is_made(options_, ccd, product)) work(static_cast<int>(product));
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
