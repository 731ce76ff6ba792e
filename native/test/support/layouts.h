// The sample layouts of the Rubin raw format (DAQ science, guider and wavefront boards, and LATISS), as camera data
// gives them.
#pragma once
#include <string>
#include <vector>

#include "../../core/geometry.h"

namespace ccarchiver::test {

struct NamedLayout {
  std::string name;
  SourceLayout layout;
};

inline CcdLayout ccd_layout(int group, std::vector<int> channels) {
  CcdLayout ccd;
  ccd.group = group;
  ccd.segments = static_cast<int>(channels.size());
  for (int f = 0; f < ccd.segments; f++) ccd.channel[f] = static_cast<uint8_t>(channels[static_cast<size_t>(f)]);
  return ccd;
}

inline SourceLayout source_layout(int columns, int groups, uint32_t xor_mask, std::vector<CcdLayout> ccds) {
  SourceLayout layout;
  layout.groups = groups;
  layout.columns = columns;
  layout.rows = 1;
  layout.xor_mask = xor_mask;
  layout.pedestal_first = columns - (columns + 3) / 4;
  layout.pedestal_end = columns;
  layout.ccd_count = static_cast<int>(ccds.size());
  for (size_t i = 0; i < ccds.size(); i++) layout.ccd[i] = ccds[i];
  return layout;
}

// Channels S00..S07, S10..S17; the CCDs of a sample in the order 2, 1, 0.
inline SourceLayout science_layout(int columns) {
  const std::vector<int> channels = {8, 9, 10, 11, 12, 13, 14, 15, 7, 6, 5, 4, 3, 2, 1, 0};
  return source_layout(columns, 3, 0x1ffff,
                       {ccd_layout(2, channels), ccd_layout(1, channels), ccd_layout(0, channels)});
}

inline std::vector<NamedLayout> all_layouts(int columns) {
  const std::vector<int> fits_order = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  const std::vector<int> latiss = {15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
  return {
      {"science", science_layout(columns)},
      {"guider", source_layout(columns, 2, 0x20000, {ccd_layout(1, fits_order), ccd_layout(0, fits_order)})},
      {"wavefront",
       source_layout(columns, 1, 0x20000,
                     {ccd_layout(0, {0, 1, 2, 3, 4, 5, 6, 7}), ccd_layout(0, {8, 9, 10, 11, 12, 13, 14, 15})})},
      {"LATISS", source_layout(columns, 1, 0x20000, {ccd_layout(0, latiss)})},
  };
}

}  // namespace ccarchiver::test
