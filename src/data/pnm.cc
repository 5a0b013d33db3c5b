#include "pnm.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace einet::data {
namespace {

/// Removes white space and comments from the beginning of a header.
void skip_space(std::string_view& text) {
  while (!text.empty()) {
    if (text.front() == '#') {
      text.remove_prefix(std::min(text.find('\n'), text.size()));
    } else if (std::string_view(" \t\n\v\f\r").find(text.front()) == std::string_view::npos) {
      return;
    } else {
      text.remove_prefix(1);
    }
  }
}

/// The third number of a header, after width and height; 0 where there is none.
int white_of(std::string_view text) {
  text.remove_prefix(2);
  int number = 0;
  for (int i = 0; i < 3; ++i) {
    skip_space(text);
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (fault != std::errc()) return 0;
    text.remove_prefix(end - text.data());
  }
  return number;
}

}  // namespace

bool is_pnm(std::string_view bytes) { return bytes.starts_with("P5") || bytes.starts_with("P6"); }

void stretch_pnm(std::string_view bytes, Picture& picture) {
  const int unit = picture.bits == 8 ? 257 : 1;
  const int top = 65535 / unit;
  const int white = white_of(bytes);
  if (white < 1 || white >= top) return;
  for (std::uint16_t& value : picture.pixels) {
    const std::int64_t level = std::min(value / unit, white);
    value = static_cast<std::uint16_t>((level * top + white / 2) / white * unit);
  }
}

}  // namespace einet::data
