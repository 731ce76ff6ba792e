#include "layout_check.h"

#include <string>

#include "failure.h"

namespace ccarchiver {

namespace {

void require(bool holds, const char* what, int value) {
  if (!holds) throw bad_argument(std::string(what) + " " + std::to_string(value) + " is out of range");
}

void check_ccd(const CcdLayout& ccd, int groups) {
  require(ccd.group >= 0 && ccd.group < groups, "CCD group", ccd.group);
  require(ccd.segments >= 1 && ccd.segments <= kChannels, "number of segments", ccd.segments);
  bool seen[kChannels] = {};
  for (int f = 0; f < ccd.segments; f++) {
    require(ccd.channel[f] < kChannels && !seen[ccd.channel[f]], "DAQ channel (or its repetition)", ccd.channel[f]);
    seen[ccd.channel[f]] = true;
  }
}

}  // namespace

void check_layout(const SourceLayout& layout) {
  require(layout.groups >= 1 && layout.groups <= kMaxGroups, "groups", layout.groups);
  require(layout.columns >= 1 && layout.columns <= kMaxColumns, "columns", layout.columns);
  require(layout.rows >= 1 && layout.rows <= kMaxRows, "rows", layout.rows);
  require(layout.xor_mask <= static_cast<uint32_t>(kMaxPixel), "xor", static_cast<int>(layout.xor_mask));
  require(layout.pedestal_first >= 0 && layout.pedestal_first < layout.pedestal_end, "pedestal first column", layout.pedestal_first);
  require(layout.pedestal_end <= layout.columns, "pedestal end column", layout.pedestal_end);
  require(layout.ccd_count >= 1 && layout.ccd_count <= kMaxCcds, "number of CCDs", layout.ccd_count);
  for (int ccd = 0; ccd < layout.ccd_count; ccd++) check_ccd(layout.ccd[ccd], layout.groups);
}

}  // namespace ccarchiver
