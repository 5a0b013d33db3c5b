#include <charconv>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

#include "core/duration.h"
#include "core/standard_input.h"
#include "einet/distribution.h"
#include "einet/error.h"
#include "plan/distributions/column_unit.h"

namespace einet::plan {
namespace {

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 30;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string_view without_quotes(std::string_view text) {
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return text;
  return trimmed(text.substr(1, text.size() - 2));
}

/// The non-blank lines of a file, counted from 1.
class Lines {
 public:
  Lines(std::string_view text, std::string_view name) : rest_(text), name_(name) {}

  bool next() {
    while (!rest_.empty()) {
      const std::size_t end = rest_.find('\n');
      line_ = trimmed(rest_.substr(0, end));
      rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
      ++number_;
      if (!line_.empty()) return true;
    }
    return false;
  }

  std::string_view line() const { return line_; }

  [[noreturn]] void refuse(const std::string& why) const {
    throw Error(ErrorKind::kInvalidData, std::string(name_) + ": line " + std::to_string(number_), why);
  }

  [[noreturn]] void refuse_value(const std::string& why) const {
    refuse(std::string("'").append(line_.substr(0, 40)).append("' ").append(why));
  }

 private:
  std::string_view rest_, name_, line_;
  int number_ = 0;
};

/// Whether all of `text` is a number, NaN and infinity included; `value` is that number.
bool is_number(std::string_view text, double& value) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  return fault == std::errc() && end == text.data() + text.size();
}

/// Whether a first line is a header: it does not begin like a number.
bool is_header(std::string_view text) {
  double value = 0.0;
  return !text.empty() && !is_number(text, value) &&
         std::string_view("0123456789.+-").find(text.front()) == std::string_view::npos;
}

void require_one_column(const Lines& lines) {
  for (const char separator : {',', ';', '\t'}) {
    if (lines.line().find(separator) != std::string_view::npos) {
      lines.refuse_value("has several columns; a file of cut-offs has one, with one time per line");
    }
  }
}

/// A number in units of `unit` seconds, or a time with its own unit.
double cut_off(const Lines& lines, std::string_view text, double unit) {
  double value = 0.0;
  if (is_number(text, value)) {
    value *= unit;
  } else {
    try {
      value = parse_seconds(text).count();
    } catch (const Error&) {
      value = 0.0;
    }
  }
  if (!(value > 0.0 && std::isfinite(value))) {
    lines.refuse_value("is not a positive, finite time, such as 0.003 (in seconds) or 3ms");
  }
  return value;
}

std::string_view without_byte_order_mark(std::string_view csv, std::string_view name) {
  if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
  if (csv.starts_with("\xFF\xFE") || csv.starts_with("\xFE\xFF")) {
    throw Error(ErrorKind::kInvalidData, name, "is UTF-16 text; save it as UTF-8");
  }
  return csv;
}

std::string read_all(const std::filesystem::path& csv) {
  std::error_code fault;
  if (!std::filesystem::exists(csv, fault)) throw Error(ErrorKind::kNotFound, csv.string(), "no such file");
  if (!std::filesystem::is_regular_file(csv, fault)) {
    throw Error(ErrorKind::kIo, csv.string(), "is not a regular file; read a pipe with csv:-");
  }
  std::ifstream file(csv, std::ios::binary);
  std::ostringstream bytes;
  if (file.peek() != std::ifstream::traits_type::eof()) bytes << file.rdbuf();
  if (!file || !bytes) throw Error(ErrorKind::kIo, csv.string(), "cannot be read");
  return std::move(bytes).str();
}

}  // namespace

std::vector<double> parse_cut_offs(std::string_view csv, std::string_view name) {
  std::vector<double> cut_offs;
  double unit = 1.0;
  Lines lines(without_byte_order_mark(csv, name), name);
  for (bool first = true; lines.next(); first = false) {
    require_one_column(lines);
    const std::string_view text = without_quotes(lines.line());
    if (first && is_header(text)) {
      const auto named = column_unit(text);
      if (!named) lines.refuse_value("does not contain exactly one unit of time, as in cut_ms");
      unit = *named;
    } else {
      cut_offs.push_back(cut_off(lines, text, unit));
    }
  }
  if (cut_offs.empty()) throw Error(ErrorKind::kInvalidData, name, "contains no observed cut-offs");
  return cut_offs;
}

std::vector<double> read_cut_offs(const std::filesystem::path& csv) {
  if (csv != "-") return parse_cut_offs(read_all(csv), csv.string());
  static const std::vector<double> from_standard_input =
      parse_cut_offs(read_standard_input(kMaxBytes), "standard input");
  return from_standard_input;
}

}  // namespace einet::plan
