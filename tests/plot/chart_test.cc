#include "plot/chart.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "plot/axis.h"
#include "plot/bars.h"

namespace einet::plot {
namespace {

/// The number after `attribute` in the element that holds `tooltip`.
double attribute(const std::string& svg, const std::string& element, const std::string& tooltip,
                 const std::string& name) {
  const std::size_t begin = svg.rfind("<" + element, svg.find("<title>" + tooltip));
  if (begin == std::string::npos) return std::nan("");
  return std::stod(svg.substr(svg.find(" " + name + "=\"", begin) + name.size() + 3));
}

TEST(Axis, TicksAreRound) {
  EXPECT_EQ(Scale(0.0, 10.0, false, 0.0, 1.0).ticks(), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(Scale(1.0, 1000.0, true, 0.0, 1.0).ticks(), (std::vector<double>{1, 10, 100, 1000}));
  double from = 0.13, to = 4.2;
  round_limits(from, to);
  EXPECT_EQ(from, 0.0);
  EXPECT_EQ(to, 5.0);
  EXPECT_EQ(tick_label(-0.5), "−0.5");
}

TEST(Axis, MapsValuesToPositions) {
  const Scale linear(0.0, 10.0, false, 100.0, 200.0);
  EXPECT_DOUBLE_EQ(linear(2.5), 125.0);
  EXPECT_DOUBLE_EQ(linear(99.0), 200.0);
  const Scale logarithmic(1.0, 100.0, true, 0.0, 100.0);
  EXPECT_DOUBLE_EQ(logarithmic(10.0), 50.0);
}

TEST(Chart, DrawsPointsToScale) {
  Chart chart;
  chart.title = "a < b";
  chart.x = {.title = "m", .from = 0.0, .to = 4.0};
  chart.y = {.title = "%", .from = 0.0, .to = 100.0};
  chart.series = {{"s", {{0.0, 0.0}, {2.0, 50.0, 10.0}, {4.0, 100.0}, {3.0, std::nan("")}}, Mark::kLine}};
  const std::string svg = chart_svg(chart);
  EXPECT_NE(svg.find("a &lt; b"), std::string::npos);
  const double x0 = attribute(svg, "circle", "s, 0: 0", "cx"), x2 = attribute(svg, "circle", "s, 2: 50", "cx"),
               x4 = attribute(svg, "circle", "s, 4: 100", "cx");
  EXPECT_NEAR(x2 - x0, x4 - x2, 0.02);
  EXPECT_GT(x2, x0);
  const double y0 = attribute(svg, "circle", "s, 0: 0", "cy"), y2 = attribute(svg, "circle", "s, 2: 50", "cy");
  EXPECT_GT(y0, y2);  // Upwards.
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(Chart, HistogramsAreAsHighAsTheirCounts) {
  Chart chart;
  chart.series = {{"h", {{0.0, 10.0}, {1.0, 5.0}, {2.0, 0.0}}, Mark::kHistogram}};
  const std::string svg = chart_svg(chart);
  EXPECT_NEAR(attribute(svg, "rect", "h, 0 to 1: 10", "height"), 2.0 * attribute(svg, "rect", "h, 1 to 2: 5", "height"),
              0.05);
}

TEST(Chart, BearsNoValues) {
  EXPECT_EQ(chart_svg({}).find("nan"), std::string::npos);
  Chart chart;
  chart.y.logarithmic = true;
  chart.series = {{"one", {{1.0, 7.0}}, Mark::kPoints}};
  EXPECT_EQ(chart_svg(chart).find("nan"), std::string::npos);
}

TEST(Bars, AreAsLongAsTheirValues) {
  BarChart chart;
  chart.categories = {"a", "b", "c"};
  chart.series = {{"s", {{10.0}, {20.0, 1.0}, {}}}};
  const std::string svg = bars_svg(chart);
  EXPECT_NEAR(2.0 * attribute(svg, "rect", "s: 10.0", "width"), attribute(svg, "rect", "s: 20.0", "width"), 0.05);
  EXPECT_NE(svg.find("not available"), std::string::npos);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
}

TEST(Bars, BecomePointsWhereTheAxisLeavesOutZero) {
  BarChart chart;
  chart.categories = {"a"};
  chart.value.from = 80.0;
  chart.value.to = 90.0;
  chart.series = {{"s", {{85.0}}}};
  EXPECT_NE(bars_svg(chart).find("<circle"), std::string::npos);
}

TEST(Bars, NegativeValuesGoLeft) {
  BarChart chart;
  chart.categories = {"a", "b"};
  chart.series = {{"s", {{-2.0}, {2.0}}}};
  const std::string svg = bars_svg(chart);
  const double left = attribute(svg, "rect", "s: −2.0", "x"), width = attribute(svg, "rect", "s: −2.0", "width");
  EXPECT_NEAR(left + width, attribute(svg, "rect", "s: 2.0", "x"), 0.05);
}

}  // namespace
}  // namespace einet::plot
