#include "plot/heat_map.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "plot/frame.h"
#include "plot/palette.h"
#include "plot/svg.h"

namespace einet::plot {
namespace {

constexpr double kCellsLeft = 96.0, kCellHeight = 34.0, kCellFont = 12.0;

struct Color {
  double red, green, blue;
};

/// White at 0; kBlue at 1, kRed at -1, both lightened so that dark text stays readable.
std::string color_of(double share) {
  const Color end = share >= 0.0 ? Color{0, 114, 178} : Color{213, 94, 0};
  const double strength = 0.65 * std::min(1.0, std::abs(share));
  const auto mix = [&](double channel) { return static_cast<int>(std::lround(255.0 + strength * (channel - 255.0))); };
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "#%02x%02x%02x", mix(end.red), mix(end.green), mix(end.blue));
  return text.data();
}

std::string number(double value, int decimals) {
  std::string text;
  put(text, "%+.*f", decimals, value);
  if (text.starts_with('-')) text.replace(0, 1, "−");
  return text;
}

double largest(const HeatMap& map) {
  double most = 0.0;
  for (const auto& row : map.values) {
    for (const double value : row) {
      if (std::isfinite(value)) most = std::max(most, std::abs(value));
    }
  }
  return most;
}

}  // namespace

std::string heat_map_svg(const HeatMap& map) {
  const double top = title_height(map.title) + 24.0;
  const double bottom = top + kCellHeight * static_cast<double>(map.rows.size());
  const double width = (kChartRight - kCellsLeft) / std::max<double>(1.0, static_cast<double>(map.columns.size()));
  const double most = largest(map);
  std::string svg = svg_head(kChartWidth, bottom + 46.0, map.title, kChartFont);
  put_title(svg, map.title);
  put_text(svg, 14.0, top - 8.0, map.y_title, {.color = kFaint});
  for (std::size_t r = 0; r < map.rows.size(); ++r) {
    const double y = bottom - kCellHeight * static_cast<double>(r + 1);
    put_text(svg, kCellsLeft - 8.0, y + kCellHeight / 2.0 + 4.5, map.rows[r], {.anchor = Anchor::kEnd});
    for (std::size_t c = 0; c < map.columns.size(); ++c) {
      const bool given = r < map.values.size() && c < map.values[r].size() && std::isfinite(map.values[r][c]);
      const double value = given ? map.values[r][c] : 0.0;
      const double x = kCellsLeft + width * static_cast<double>(c);
      put(svg, "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" fill=\"%s\" stroke=\"%s\"/>\n", x, y, width,
          kCellHeight, color_of(most > 0.0 ? value / most : 0.0).c_str(), kGrid);
      if (!given) continue;
      put_text(svg, x + width / 2.0, y + kCellHeight / 2.0 + 4.5, number(value, map.decimals),
               {.anchor = Anchor::kMiddle, .size = kCellFont});
    }
  }
  for (std::size_t c = 0; c < map.columns.size(); ++c) {
    put_text(svg, kCellsLeft + width * (static_cast<double>(c) + 0.5), bottom + 17.0, map.columns[c],
             {.anchor = Anchor::kMiddle});
  }
  put_text(svg, kChartRight, bottom + 35.0, map.x_title, {.anchor = Anchor::kEnd, .color = kFaint});
  return svg + "</svg>\n";
}

}  // namespace einet::plot
