#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace einet::plot {

struct Point {
  double x = 0.0;
  double y = 0.0;
  double error = std::numeric_limits<double>::quiet_NaN();  ///< Of y, drawn as a bar of this length up and down.
};

/// How a series is drawn.
enum class Mark {
  kLine,       ///< A line with a point at each value.
  kDashed,     ///< A dashed line without points.
  kPoints,     ///< Points alone.
  kHistogram,  ///< A filled rectangle from each x to the next, as high as its y; the last point only ends it.
};

struct Series {
  std::string name;  ///< In the legend.
  std::vector<Point> points;
  Mark mark = Mark::kLine;
};

struct Axis {
  std::string title;
  std::optional<double> from = {}, to = {};  ///< Empty = by the values.
  bool logarithmic = false;                  ///< All values above 0.
};

/// Two numeric axes. Values that are not finite are left out.
struct Chart {
  std::string title;
  Axis x, y;
  std::vector<Series> series;
};

/// A standalone SVG of 480 units in width, readable on a phone; with a tooltip per point.
std::string chart_svg(const Chart& chart);

/// The charts below one another in one SVG; `title` is for screen readers.
std::string charts_svg(const std::string& title, const std::vector<Chart>& charts);

}  // namespace einet::plot
