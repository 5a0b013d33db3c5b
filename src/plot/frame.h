#pragma once

#include <string>
#include <vector>

#include "plot/axis.h"

// What all charts have in common: measures, title and legend.
namespace einet::plot {

inline constexpr double kChartWidth = 480.0;
inline constexpr double kChartRight = 466.0;  ///< Right end of the area where values are drawn.
inline constexpr double kChartFont = 13.0;

/// `text` in lines of at most `width` units, broken between words.
std::vector<std::string> wrapped(const std::string& text, double width, double font_size);

/// The title in bold at the top, wrapped. Returns the height that it takes.
double put_title(std::string& svg, const std::string& title);
double title_height(const std::string& title);

/// One entry of a legend.
struct LegendEntry {
  std::string name;
  const char* color;
  bool dashed = false;
};

/// Entries from `top` on, in as many lines as they need. Returns the height that they take; 0 without entries. With a
/// null `svg` it only computes the height.
double put_legend(std::string* svg, const std::vector<LegendEntry>& entries, double left, double top);

}  // namespace einet::plot
