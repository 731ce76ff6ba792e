// The bytes of a file: headers filled in place, rows gathered, every HDU summing to -0.
#include "../core/file_image.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "../core/cards.h"
#include "../core/checksum.h"
#include "../core/failure.h"
#include "support/run.h"
#include "support/small_source.h"

using namespace ccarchiver;
using namespace ccarchiver::test;

namespace {

constexpr int kRows = 6;
constexpr int kColumns = 40;

std::vector<uint8_t> table_cards() {
  return cards({"XTENSION= 'BINTABLE'", "PCOUNT  =                    0 / bytes of the heap", "TFORM1  = ''                   / format", "EXTNAME = 'X'",
                "ZHECKSUM= ''", "ZDATASUM= ''", "CHECKSUM= ''", "DATASUM = ''                   / sum of the data"});
}

std::vector<uint8_t> image_cards() { return cards({"XTENSION= 'IMAGE   '", "EXTNAME = 'X'", "CHECKSUM= ''", "DATASUM = ''"}); }

std::vector<uint8_t> primary_cards() {
  std::vector<uint8_t> primary = cards({"SIMPLE  =                    T", "CHECKSUM= ''", "DATASUM = ''"});
  std::vector<uint8_t> whole(header_bytes(primary));
  Header(whole.data(), primary).seal(0);
  whole.resize(primary.size());
  return whole;
}

struct Made {
  explicit Made(Compression compression) : source(source_options(science_layout(kColumns), kRows, compression), pool) {
    packed = noisy_rows(source.options().layout, kRows, 9);
    source.band(0, kRows, packed.data(), packed.size());
  }

  std::string card(const FileImage& image, size_t hdu_start, const std::string& keyword) const {
    for (const uint8_t* at = image.data() + hdu_start; at < image.data() + image.bytes(); at += kCardBytes) {
      const std::string text(reinterpret_cast<const char*>(at), kCardBytes);
      if (text.starts_with(keyword)) return text.substr(0, text.find_last_not_of(' ') + 1);
    }
    return "";
  }

  Pool pool;
  Source source;
  std::vector<uint8_t> packed;
};

// FITS pixels of one segment, row by row, straight from the packed words.
std::vector<int32_t> segment_pixels(const Made& made, int ccd, int f) {
  const SourceLayout& layout = made.source.options().layout;
  std::vector<uint8_t> slack(layout.row_bytes() + 64);
  std::vector<int32_t> stripes(static_cast<size_t>(kColumns) * kChannels);
  std::vector<int32_t> pixels;
  for (size_t row = 0; row < kRows; row++) {
    std::copy_n(made.packed.begin() + static_cast<std::ptrdiff_t>(row * layout.row_bytes()), layout.row_bytes(), slack.begin());
    unpack_row(layout, ccd, slack.data(), stripes.data());
    for (size_t column = 0; column < kColumns; column++) pixels.push_back(stripes[column * kChannels + static_cast<size_t>(f)]);
  }
  return pixels;
}

uint32_t word(const uint8_t* at) { return static_cast<uint32_t>(at[0]) << 24 | at[1] << 16 | at[2] << 8 | at[3]; }

std::string refusal(const Made& made, const std::vector<HduPlan>& hdus, int ccd = 0) {
  Pool pool;
  try {
    FileImage(RowSegments(made.source, ccd, Product::kRaw), hdus, pool);
    return "";
  } catch (const Failure& failure) {
    CHECK(pool.usage().used_bytes == 0);
    return failure.code();
  }
}

}  // namespace

TEST_CASE("a compressed segment is a table of tiles that decode to its pixels, with all six cards filled") {
  const Made made(Compression::kRice);
  const std::vector<uint8_t> table = table_cards(), image = image_cards(), primary = primary_cards();
  Pool pool;
  const FileImage file(RowSegments(made.source, 1, Product::kRaw), std::vector<HduPlan>{{HduPlan::kBare, primary, {}}, {5, table, image}}, pool);
  const uint8_t* data = file.data() + 2 * kFitsBlock;
  const uint8_t* heap = data + kRows * 8;
  std::vector<int32_t> pixels(static_cast<size_t>(kRows) * kColumns);
  uint32_t heap_bytes = 0, longest = 0;
  for (size_t row = 0; row < kRows; row++) {
    const uint32_t length = word(data + row * 8);
    CHECK(word(data + row * 8 + 4) == heap_bytes);
    CHECK(rice_decode(heap + heap_bytes, length, kColumns, 32, &pixels[row * kColumns]) == nullptr);
    heap_bytes += length;
    longest = std::max(longest, length);
  }
  CHECK(pixels == segment_pixels(made, 1, 5));
  const std::string count = std::to_string(heap_bytes);
  CHECK(made.card(file, kFitsBlock, "PCOUNT") == "PCOUNT  = " + std::string(20 - count.size(), ' ') + count + " / bytes of the heap");
  CHECK(made.card(file, kFitsBlock, "TFORM1").starts_with("TFORM1  = '1PB(" + std::to_string(longest) + ")"));
  CHECK(made.card(file, kFitsBlock, "DATASUM").ends_with("/ sum of the data"));
  CHECK(file.bytes() % kFitsBlock == 0);
  CHECK(file.data_sums().size() == 2);
  CHECK(file.data_sums()[0] == 0);
  CHECK(file.data_sums()[1] == data_sum(data, file.bytes() - 2 * kFitsBlock));
}

TEST_CASE("ZDATASUM and ZHECKSUM are the sums of the image that the table stands for") {
  const Made made(Compression::kRice);
  const Made plain(Compression::kNone);
  const std::vector<uint8_t> table = table_cards(), image = image_cards();
  Pool pool;
  const FileImage compressed(RowSegments(made.source, 0, Product::kRaw), std::vector<HduPlan>{{3, table, image}}, pool);
  const FileImage uncompressed(RowSegments(plain.source, 0, Product::kRaw), std::vector<HduPlan>{{3, image, {}}}, pool);
  const auto value = [](const std::string& card) { return card.substr(10); };
  CHECK(value(made.card(compressed, 0, "ZDATASUM")) == value(plain.card(uncompressed, 0, "DATASUM")));
  CHECK(value(made.card(compressed, 0, "ZHECKSUM")) == value(plain.card(uncompressed, 0, "CHECKSUM")));
}

TEST_CASE("an uncompressed segment is its pixels in big-endian words") {
  const Made made(Compression::kNone);
  const std::vector<uint8_t> image = image_cards();
  Pool pool;
  const FileImage file(RowSegments(made.source, 2, Product::kRaw), std::vector<HduPlan>{{15, image, {}}}, pool);
  const std::vector<int32_t> pixels = segment_pixels(made, 2, 15);
  for (size_t i = 0; i < pixels.size(); i++) CHECK(word(file.data() + kFitsBlock + 4 * i) == static_cast<uint32_t>(pixels[i]));
  for (size_t at = kFitsBlock + 4 * pixels.size(); at < file.padded_bytes(); at++) CHECK(file.data()[at] == 0);
}

TEST_CASE("every HDU sums to -0, and a file in used memory is the file in fresh memory") {
  const Made made(Compression::kRice);
  const std::vector<uint8_t> table = table_cards(), image = image_cards(), primary = primary_cards();
  std::vector<HduPlan> hdus = {{HduPlan::kBare, primary, {}}};
  for (int f = 0; f < kChannels; f++) hdus.push_back({f, table, image});
  Pool pool;
  std::vector<uint8_t> fresh;
  {
    const FileImage file(RowSegments(made.source, 0, Product::kRaw), hdus, pool);
    fresh.assign(file.data(), file.data() + file.padded_bytes());
    std::memset(const_cast<uint8_t*>(file.data()), 0xaa, file.padded_bytes());
  }
  const FileImage file(RowSegments(made.source, 0, Product::kRaw), hdus, pool);
  CHECK(std::equal(fresh.begin(), fresh.end(), file.data()));
  CHECK(reinterpret_cast<uintptr_t>(file.data()) % 4096 == 0);
  CHECK(file.padded_bytes() % 4096 == 0);
  CHECK(data_sum(file.data(), kFitsBlock) == 0xffffffff);
  CHECK(fold_sum(uint64_t{data_sum(file.data(), file.bytes())}) == 0xffffffff);
}

TEST_CASE("plans that do not fit are refused") {
  const Made rice(Compression::kRice);
  const Made plain(Compression::kNone);
  const std::vector<uint8_t> table = table_cards(), image = image_cards(), primary = primary_cards();
  const std::vector<uint8_t> unsealed = cards({"SIMPLE  =                    T"});
  const std::vector<uint8_t> torn(primary.begin(), primary.end() - 1);
  CHECK(refusal(rice, {{0, table, image}}) == "");
  CHECK(refusal(rice, {}) == "NATIVE_ARGUMENT");
  CHECK(refusal(rice, {{16, table, image}}) == "NATIVE_ARGUMENT");
  CHECK(refusal(rice, {{-2, table, image}}) == "NATIVE_ARGUMENT");
  CHECK(refusal(rice, {{0, table, {}}}) == "NATIVE_ARGUMENT");
  CHECK(refusal(rice, {{HduPlan::kBare, primary, image}}) == "NATIVE_ARGUMENT");
  CHECK(refusal(rice, {{HduPlan::kBare, unsealed, {}}}) == "NATIVE_ARGUMENT");
  CHECK(refusal(rice, {{HduPlan::kBare, torn, {}}}) == "NATIVE_ARGUMENT");
  CHECK(refusal(rice, {{HduPlan::kBare, {}, {}}}) == "NATIVE_ARGUMENT");
  CHECK(refusal(rice, {{0, table, image}}, 3) == "NATIVE_ARGUMENT");
  CHECK(refusal(plain, {{0, image, image}}) == "NATIVE_ARGUMENT");
  for (size_t missing = 0; missing < 8; missing++) {
    std::vector<uint8_t> shorter = table;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(missing * 80), shorter.begin() + static_cast<std::ptrdiff_t>((missing + 1) * 80));
    const bool needed = missing != 0 && missing != 3;
    CHECK(refusal(rice, {{0, shorter, image}}) == (needed ? "NATIVE_ARGUMENT" : ""));
  }
}

TEST_CASE("a file larger than the pool is POOL_EXHAUSTED") {
  const Made made(Compression::kNone);
  const std::vector<uint8_t> image = image_cards();
  Pool pool;
  pool.configure(4096);
  CHECK_THROWS_AS(FileImage(RowSegments(made.source, 0, Product::kRaw), std::vector<HduPlan>{{0, image, {}}}, pool), Failure);
}

TEST_CASE("values stand in columns 11 to 30 and comments stay") {
  const std::vector<uint8_t> plain = cards({"PCOUNT  =                    0 / heap", "TFORM1  = '1PB(99999999999)'   / form", "TFORM11 = 'J'"});
  std::vector<uint8_t> whole(header_bytes(plain));
  Header header(whole.data(), plain);
  header.set_integer("PCOUNT", 1021440);
  header.set_string("TFORM1", "1PB(5)");
  const std::string text(whole.begin(), whole.end());
  CHECK(text.substr(0, 37) == "PCOUNT  =              1021440 / heap");
  CHECK(text.substr(80, 37) == "TFORM1  = '1PB(5)  '           / form");
  CHECK(text.substr(160, 13) == "TFORM11 = 'J'");
  CHECK(text.substr(240, 80) == "END" + std::string(77, ' '));
  CHECK(text.substr(320).find_first_not_of(' ') == std::string::npos);
  CHECK_THROWS_AS(header.set_integer("NAXIS1", 1), Failure);
}
