#include "plot/heat_map.h"

#include <gtest/gtest.h>

#include <limits>

namespace einet::plot {
namespace {

int count(const std::string& text, const std::string& part) {
  int found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

HeatMap example() {
  const double none = std::numeric_limits<double>::quiet_NaN();
  return {"Gain <b>", "ratio", "ramp", {"0.1", "1"}, {"flat", "steep", "steeper"}, {{0.5, -1.0}, {none, 0.0}}, 2};
}

TEST(HeatMap, HasACellPerPairAndANumberPerValue) {
  const std::string svg = heat_map_svg(example());
  EXPECT_EQ(count(svg, "<rect"), 1 + 6);  // The ground and 3 x 2 cells.
  EXPECT_NE(svg.find("+0.50"), std::string::npos);
  EXPECT_NE(svg.find("−1.00"), std::string::npos);
  EXPECT_NE(svg.find("+0.00"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  for (const char* text : {"flat", "steep", "steeper", "ratio", "ramp", "&lt;b&gt;"}) {
    EXPECT_NE(svg.find(text), std::string::npos) << text;
  }
  EXPECT_EQ(svg.rfind("<svg", 0), 0u);
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
}

TEST(HeatMap, ColoursBySignAndLargestValue) {
  const std::string svg = heat_map_svg(example());
  EXPECT_NE(svg.find("fill=\"#e49659\""), std::string::npos) << svg;  // 65 % of red at the largest value.
  EXPECT_NE(svg.find("#acd1e6"), std::string::npos) << svg;           // Half of that of blue.
}

TEST(HeatMap, OfNothingIsStillAPicture) { EXPECT_TRUE(heat_map_svg({}).ends_with("</svg>\n")); }

}  // namespace
}  // namespace einet::plot
