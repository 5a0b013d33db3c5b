#pragma once

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>
#include <string_view>

namespace einet::plot {

/// `text` for XML: in elements and in attributes. Control characters, which XML forbids, are dropped.
std::string escaped(std::string_view text);

/// Appends printf-formatted text of at most 511 bytes.
template <class... Values>
void put(std::string& svg, const char* format, Values... values) {
  std::array<char, 512> buffer;
  const int size = std::snprintf(buffer.data(), buffer.size(), format, values...);
  svg.append(buffer.data(), std::min<std::size_t>(std::max(size, 0), buffer.size() - 1));
}

/// The <svg> element of a picture of this size, its title for screen readers, and a white ground. To be closed with
/// "</svg>\n".
std::string svg_head(double width, double height, std::string_view title, double font_size = 12.0);

enum class Anchor { kStart, kMiddle, kEnd };

/// How text is set.
struct TextStyle {
  Anchor anchor = Anchor::kStart;
  const char* color = "#24292f";
  double size = 0.0;  ///< 0 = that of the picture.
  bool bold = false;
};

/// A <text> element at (x, y), the base line.
void put_text(std::string& svg, double x, double y, std::string_view text, const TextStyle& style = {});
void put_line(std::string& svg, double x1, double y1, double x2, double y2, const char* color, double width = 1.0);

/// About how wide `text` is at `font_size`: browsers choose the font.
double text_width(std::string_view text, double font_size);

}  // namespace einet::plot
