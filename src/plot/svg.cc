#include "plot/svg.h"

namespace einet::plot {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') {
      out += c;
    }
  }
  return out;
}

std::string svg_head(double width, double height, std::string_view title, double font_size) {
  std::string svg;
  put(svg,
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %g %g\" width=\"%g\" height=\"%g\" role=\"img\" "
      "font-family=\"system-ui, 'Segoe UI', Helvetica, Arial, sans-serif\" font-size=\"%g\">\n",
      width, height, width, height, font_size);
  svg += "<title>" + escaped(title) + "</title>\n";
  put(svg, "<rect width=\"%g\" height=\"%g\" fill=\"#ffffff\"/>\n", width, height);
  return svg;
}

void put_text(std::string& svg, double x, double y, std::string_view text, const TextStyle& style) {
  constexpr const char* kAnchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
  put(svg, "<text x=\"%.2f\" y=\"%.2f\" fill=\"%s\"%s%s", x, y, style.color, kAnchors[static_cast<int>(style.anchor)],
      style.bold ? " font-weight=\"600\"" : "");
  if (style.size > 0.0) put(svg, " font-size=\"%g\"", style.size);
  svg += '>';
  svg += escaped(text);
  svg += "</text>\n";
}

void put_line(std::string& svg, double x1, double y1, double x2, double y2, const char* color, double width) {
  put(svg, "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"%s\" stroke-width=\"%g\"/>\n", x1, y1, x2,
      y2, color, width);
}

double text_width(std::string_view text, double font_size) {
  const auto letters = std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  return 0.59 * font_size * static_cast<double>(letters);
}

}  // namespace einet::plot
