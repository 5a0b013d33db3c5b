#include "data/pnm.h"

#include <algorithm>
#include <charconv>
#include <limits>

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

/// 0 if there is no number or it does not fit an int.
int take_number(std::string_view& text) {
  skip_space(text);
  unsigned number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault != std::errc() || number > unsigned{std::numeric_limits<int>::max()}) return 0;
  text.remove_prefix(end - text.data());
  return static_cast<int>(number);
}

}  // namespace

bool is_pnm(std::string_view bytes) { return bytes.starts_with("P5") || bytes.starts_with("P6"); }

PnmHeader pnm_header(std::string_view bytes) {
  std::string_view rest = bytes.substr(2);
  const int width = take_number(rest);
  const int height = take_number(rest);
  const int white = take_number(rest);
  if (width < 1 || height < 1 || white < 1 || white > 65535 || rest.empty()) return {};
  return {.size = {.height = height, .width = width},
          .channels = bytes[1] == '5' ? 1 : 3,
          .white = white,
          .bytes = bytes.size() - rest.size() + 1};
}

template <class T>
std::vector<T> decode_pnm(std::string_view bytes, const PnmHeader& header) {
  constexpr std::int64_t kTop = std::numeric_limits<T>::max();
  const std::size_t count = static_cast<std::size_t>(header.size.height) * header.size.width * header.channels;
  if (bytes.size() - header.bytes < count * sizeof(T)) return {};
  const auto* in = reinterpret_cast<const unsigned char*>(bytes.data()) + header.bytes;
  std::vector<T> values;
  values.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    int value = *in++;
    if (sizeof(T) == 2) value = value << 8 | *in++;
    const std::int64_t level = std::min(value, header.white);
    values.push_back(static_cast<T>((level * kTop + header.white / 2) / header.white));
  }
  return values;
}

template std::vector<std::uint8_t> decode_pnm(std::string_view, const PnmHeader&);
template std::vector<std::uint16_t> decode_pnm(std::string_view, const PnmHeader&);

}  // namespace einet::data
