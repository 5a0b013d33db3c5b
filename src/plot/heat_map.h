#pragma once

#include <string>
#include <vector>

#include "plot/chart.h"

namespace einet::plot {

/// A value per pair of a column and a row, as a coloured cell with its number: blue above 0, red below.
struct HeatMap {
  std::string title;
  std::string x_title, y_title;
  std::vector<std::string> columns;         ///< Left to right.
  std::vector<std::string> rows;            ///< Bottom to top.
  std::vector<std::vector<double>> values;  ///< [row][column]; NaN = none.
  int decimals = 2;                         ///< Of the numbers in the cells.
};

/// A standalone SVG of 480 units in width. Colours are scaled to the largest absolute value; cells that `values` lacks
/// are left empty.
std::string heat_map_svg(const HeatMap& map);

}  // namespace einet::plot
