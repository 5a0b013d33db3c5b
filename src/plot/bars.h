#pragma once

#include <limits>
#include <string>
#include <vector>

#include "plot/chart.h"

namespace einet::plot {

/// One value per category.
struct Bar {
  double value = std::numeric_limits<double>::quiet_NaN();  ///< NaN = none.
  double error = std::numeric_limits<double>::quiet_NaN();
};

struct BarSeries {
  std::string name;
  std::vector<Bar> bars;  ///< One per category.
};

/// Categories below one another, in each a bar per series to the right. Where the axis does not include 0, points
/// are drawn instead, because the length of a bar would mislead.
struct BarChart {
  std::string title;
  std::vector<std::string> categories;
  Axis value;
  std::vector<BarSeries> series;
  int decimals = 1;  ///< Of the values printed beside the bars.
};

/// A standalone SVG of 480 units in width. A category without any value is marked "not available".
std::string bars_svg(const BarChart& chart);

}  // namespace einet::plot
