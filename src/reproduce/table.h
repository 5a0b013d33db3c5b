#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "policy/estimate.h"

namespace einet::reproduce {

/// How the cells of a column are printed. CSV and JSON always have plain numbers: shares in [0,1], seconds.
enum class Unit {
  kText,
  kNumber,   ///< As it is.
  kPercent,  ///< A share in [0,1], shown in per cent.
  kPoints,   ///< A difference of shares, shown in signed percentage points.
  kSeconds,  ///< Shown with a unit that suits its size.
};

struct Column {
  std::string name;   ///< In CSV and JSON: lower case with underscores.
  std::string title;  ///< On the page.
  Unit unit = Unit::kText;
  /// Whether the cells have standard errors: CSV and JSON then have a second column `name`_stderr.
  bool with_error = false;
};

/// One cell. Without text and value it is empty.
struct Cell {
  std::string text;
  std::optional<double> value;
  std::optional<double> error;

  Cell() = default;
  Cell(std::string words) : text(std::move(words)) {}  // NOLINT(google-explicit-constructor): rows are lists of cells.
  Cell(const char* words) : text(words) {}             // NOLINT(google-explicit-constructor)
  Cell(double number) : value(number) {}               // NOLINT(google-explicit-constructor)
  Cell(const policy::Estimate& estimate)               // NOLINT(google-explicit-constructor)
      : value(estimate.mean), error(estimate.standard_error) {}
};

/// Rows of cells, one per column. A row may instead state in a note why it has no values.
struct Row {
  std::vector<Cell> cells;  ///< As many as there are columns; those that are missing at the end are empty.
  std::string note;         ///< Spans the empty cells at the end on the page; column "note" in CSV.
};

struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<Row> rows;
};

/// RFC 4180, with a header line: all columns, those of standard errors, and a last one "note" if a row has one.
/// Numbers have all digits, so that reading them gives the same values; unknown ones are empty.
std::string to_csv(const Table& table);
/// {"caption", "rows": [{column: value, …}]}: numbers as in CSV, unknown ones null.
nlohmann::json to_json(const Table& table);
/// The cell as a person reads it: "83.12 ± 0.31", "+0.28", "1.23 ms".
std::string shown(const Cell& cell, const Column& column);

}  // namespace einet::reproduce
