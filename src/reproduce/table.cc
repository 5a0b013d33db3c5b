#include "reproduce/table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "eval/text_table.h"

namespace einet::reproduce {
namespace {

using eval::format;

/// All digits: reading it gives the same number. "" where unknown.
std::string exact(const std::optional<double>& number) {
  if (!number || !std::isfinite(*number)) return "";
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), *number).ptr;
  return {text.data(), end};
}

std::string quoted(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

const char* pattern_of(Unit unit) {
  switch (unit) {
    case Unit::kPercent:
      return "%.2f";
    case Unit::kPoints:
      return "%+.2f";
    default:
      return "%.4g";
  }
}

/// What `unit` multiplies by for people, and its name behind the number.
struct UnitScale {
  double factor;
  const char* suffix;
};

UnitScale unit_scale(Unit unit, double value) {
  if (unit == Unit::kPercent || unit == Unit::kPoints) return {100.0, ""};
  if (unit != Unit::kSeconds) return {1.0, ""};
  const double size = std::abs(value);
  if (size >= 1.0) return {1.0, " s"};
  if (size >= 1e-3) return {1e3, " ms"};
  if (size >= 1e-6) return {1e6, " µs"};
  return {1e9, " ns"};
}

}  // namespace

std::string shown(const Cell& cell, const Column& column) {
  if (!cell.value) return cell.text;
  if (!std::isfinite(*cell.value)) return "–";
  const UnitScale scale = unit_scale(column.unit, *cell.value);
  std::string text = format(pattern_of(column.unit), scale.factor * *cell.value);
  if (text == "-0.00") text = column.unit == Unit::kPoints ? "+0.00" : "0.00";
  if (text.starts_with('-')) text.replace(0, 1, "−");
  if (cell.error && std::isfinite(*cell.error)) {
    text += " ± " + format(column.unit == Unit::kPercent || column.unit == Unit::kPoints ? "%.2f" : "%.2g",
                           scale.factor * *cell.error);
  }
  return text + scale.suffix;
}

std::string to_csv(const Table& table) {
  const bool notes = std::ranges::any_of(table.rows, [](const Row& row) { return !row.note.empty(); });
  std::string csv;
  const auto end_line = [&] {
    csv.back() = '\r';  // Over the last comma.
    csv += '\n';
  };
  for (const Column& column : table.columns) {
    csv += quoted(column.name) + ',';
    if (column.with_error) csv += quoted(column.name + "_stderr") + ',';
  }
  if (notes) csv += "note,";
  end_line();
  for (const Row& row : table.rows) {
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const Cell cell = c < row.cells.size() ? row.cells[c] : Cell();
      csv += (cell.value ? exact(cell.value) : quoted(cell.text)) + ',';
      if (table.columns[c].with_error) csv += exact(cell.error) + ',';
    }
    if (notes) csv += quoted(row.note) + ',';
    end_line();
  }
  return csv;
}

nlohmann::json to_json(const Table& table) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Row& row : table.rows) {
    nlohmann::json entry;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const Column& column = table.columns[c];
      const Cell cell = c < row.cells.size() ? row.cells[c] : Cell();
      if (cell.value) {
        entry[column.name] = *cell.value;
      } else if (!cell.text.empty()) {
        entry[column.name] = cell.text;
      } else {
        entry[column.name] = nullptr;
      }
      if (column.with_error) entry[column.name + "_stderr"] = cell.error ? nlohmann::json(*cell.error) : nullptr;
    }
    if (!row.note.empty()) entry["note"] = row.note;
    rows.push_back(std::move(entry));
  }
  return {{"caption", table.caption}, {"rows", std::move(rows)}};
}

}  // namespace einet::reproduce
