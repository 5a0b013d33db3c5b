#include <charconv>
#include <cmath>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

#include "einet/core/error.h"
#include "einet/plan/distribution.h"

namespace einet::plan {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// nullopt unless all of `text` is a number.
std::optional<double> number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0.0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::vector<double> parse_cut_offs(std::string_view csv, std::string_view name) {
  std::vector<double> cut_offs;
  bool header_possible = true;
  for (int line = 1; !csv.empty(); ++line) {
    const std::size_t end = csv.find('\n');
    const std::string_view text = trimmed(csv.substr(0, end));
    csv.remove_prefix(end == std::string_view::npos ? csv.size() : end + 1);
    if (text.empty()) continue;

    const std::optional<double> cut_off = number(text);
    if (cut_off && *cut_off > 0.0 && std::isfinite(*cut_off)) {
      cut_offs.push_back(*cut_off);
    } else if (cut_off || !header_possible) {
      throw Error(ErrorKind::kInvalidData, std::string(name) + ": line " + std::to_string(line),
                  "'" + std::string(text.substr(0, 40)) + "' is not one positive, finite number of seconds");
    }
    header_possible = false;
  }
  if (cut_offs.empty()) throw Error(ErrorKind::kInvalidData, name, "holds no observed cut-off");
  return cut_offs;
}

std::vector<double> read_cut_offs(const std::filesystem::path& csv) {
  std::error_code fault;
  if (!std::filesystem::exists(csv, fault)) throw Error(ErrorKind::kNotFound, csv.string(), "no such file");
  if (!std::filesystem::is_regular_file(csv, fault)) throw Error(ErrorKind::kIo, csv.string(), "is no regular file");
  std::ifstream file(csv, std::ios::binary);
  std::ostringstream bytes;
  if (file.peek() != std::ifstream::traits_type::eof()) bytes << file.rdbuf();
  if (!file || !bytes) throw Error(ErrorKind::kIo, csv.string(), "cannot be read");
  return parse_cut_offs(std::move(bytes).str(), csv.string());
}

}  // namespace einet::plan
