#include "plot/frame.h"

#include <sstream>

#include "plot/palette.h"
#include "plot/svg.h"

namespace einet::plot {
namespace {

constexpr double kTitleFont = 15.0;
constexpr double kTitleLine = 19.0;
constexpr double kLegendLine = 20.0;
constexpr double kMargin = 10.0;

}  // namespace

std::vector<std::string> wrapped(const std::string& text, double width, double font_size) {
  std::vector<std::string> lines;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    if (!lines.empty() && text_width(lines.back() + " " + word, font_size) <= width) {
      lines.back() += " " + word;
    } else {
      lines.push_back(word);
    }
  }
  return lines;
}

double title_height(const std::string& title) {
  const auto lines = wrapped(title, kChartWidth - 2.0 * kMargin, kTitleFont);
  return 10.0 + kTitleLine * static_cast<double>(lines.size());
}

double put_title(std::string& svg, const std::string& title) {
  double y = 8.0;
  for (const std::string& line : wrapped(title, kChartWidth - 2.0 * kMargin, kTitleFont)) {
    y += kTitleLine;
    put_text(svg, kMargin, y - 3.0, line, {.size = kTitleFont, .bold = true});
  }
  return title_height(title);
}

double put_legend(std::string* svg, const std::vector<LegendEntry>& entries, double left, double top) {
  if (entries.empty()) return 0.0;
  double x = left, y = top + 12.0;
  for (const LegendEntry& entry : entries) {
    const double width = 20.0 + text_width(entry.name, kChartFont) + 14.0;
    if (x > left && x + width > kChartWidth) {
      x = left;
      y += kLegendLine;
    }
    if (svg != nullptr) {
      if (entry.dashed) {
        put(*svg,
            "<line x1=\"%.2f\" x2=\"%.2f\" y1=\"%.2f\" y2=\"%.2f\" stroke=\"%s\" stroke-width=\"2\" "
            "stroke-dasharray=\"4 3\"/>\n",
            x, x + 14.0, y - 4.5, y - 4.5, entry.color);
      } else {
        put(*svg, "<rect x=\"%.2f\" y=\"%.2f\" width=\"12\" height=\"12\" rx=\"2\" fill=\"%s\"/>\n", x, y - 10.5,
            entry.color);
      }
      put_text(*svg, x + 19.0, y, entry.name, {.color = kInk});
    }
    x += width;
  }
  return y - top + 8.0;
}

}  // namespace einet::plot
