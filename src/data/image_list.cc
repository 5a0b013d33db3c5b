#include "data/image_list.h"

#include <algorithm>
#include <array>
#include <set>

#include "einet/error.h"
#include "io/file.h"
#include "io/sha256.h"

namespace einet::data {
namespace {

constexpr std::uint64_t kMaxListBytes = std::uint64_t{256} << 20;
constexpr std::array kTestSplits{"test", "val", "valid", "validation"};

struct Row {
  int line;
  std::vector<std::string> fields;
};

[[noreturn]] void fail(const std::filesystem::path& file, int line, const std::string& why) {
  throw Error(ErrorKind::kInvalidData, file.string() + ":" + std::to_string(line), why);
}

/// Fields as in RFC 4180; empty lines are skipped.
std::vector<Row> parse(const std::string& text, const std::filesystem::path& file) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) fail(file, 1, "UTF-16, but UTF-8 is expected");
  std::vector<Row> rows;
  std::size_t at = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  for (int line = 1; at < text.size();) {
    Row row{line, {""}};
    bool quoted = false, any = false;
    for (; at < text.size() && (quoted || text[at] != '\n'); ++at) {
      const char c = text[at];
      std::string& field = row.fields.back();
      if (c == '\n') ++line;
      if (c == '\r' && !quoted && (at + 1 == text.size() || text[at + 1] == '\n')) continue;
      any = true;
      if (quoted && c == '"' && at + 1 < text.size() && text[at + 1] == '"') {
        field += text[++at];
      } else if (c == '"' && (quoted || field.empty())) {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        row.fields.emplace_back();
      } else {
        field += c;
      }
    }
    if (quoted) fail(file, row.line, "unterminated quoted field");
    ++at, ++line;
    if (any) rows.push_back(std::move(row));
  }
  return rows;
}

void check(const std::vector<Row>& rows, const std::filesystem::path& file) {
  for (const Row& row : rows) {
    const std::size_t fields = row.fields.size();
    if (fields != 2 && fields != 3) {
      fail(file, row.line, std::to_string(fields) + " fields; path,label or path,label,split expected");
    }
    if (fields != rows.front().fields.size()) fail(file, row.line, "more or fewer fields than the first row");
    if (row.fields[0].empty()) fail(file, row.line, "no path");
    if (row.fields[1].empty()) fail(file, row.line, "no label");
    if (fields == 3 && row.fields[2] != "train" && std::ranges::find(kTestSplits, row.fields[2]) == kTestSplits.end()) {
      fail(file, row.line, "split '" + row.fields[2] + "'; train, test, val, valid or validation expected");
    }
  }
}

/// The split of a path, which does not depend on the rest of the list.
std::string split_by_hash(const std::string& path) {
  return std::stoul(io::sha256(path).substr(0, 8), nullptr, 16) < 0.8 * 4294967296.0 ? "train" : "test";
}

/// Sorted by bytes, or by value if all are numbers.
std::vector<std::string> sorted(const std::set<std::string>& labels) {
  std::vector<std::string> classes(labels.begin(), labels.end());
  const bool numbers = std::ranges::all_of(
      classes, [](const std::string& label) { return label.find_first_not_of("0123456789") == std::string::npos; });
  if (numbers) std::ranges::stable_sort(classes, {}, &std::string::size);
  return classes;
}

}  // namespace

Listing read_image_list(const std::filesystem::path& file, Split split) {
  std::vector<Row> rows = parse(io::read_file(file, kMaxListBytes), file);
  if (!rows.empty()) {
    const auto& first = rows.front().fields;
    if (first.size() >= 2 && first[0] == "path" && first[1] == "label" && (first.size() == 2 || first[2] == "split")) {
      rows.erase(rows.begin());
    }
  }
  check(rows, file);
  std::set<std::string> training, splits;
  for (Row& row : rows) {
    if (row.fields.size() == 2) row.fields.push_back(split_by_hash(row.fields[0]));
    splits.insert(row.fields[2]);
    if (row.fields[2] == "train") training.insert(row.fields[1]);
  }
  Listing listing{.classes = sorted(training), .files = {}, .taken = "train"};
  if (training.size() < 2) {
    throw Error(ErrorKind::kInvalidData, file.string(),
                std::to_string(training.size()) + " labels among the training images; a classifier needs two");
  }
  if (split == Split::kTest) {
    const auto found = std::ranges::find_if(kTestSplits, [&](const char* name) { return splits.contains(name); });
    if (found == kTestSplits.end()) {
      throw Error(ErrorKind::kNotFound, file.string(), "no test images (looked for test, val, valid and validation)");
    }
    listing.taken = *found;
  }
  for (const Row& row : rows) {
    if (row.fields[2] != listing.taken) continue;
    const auto label = std::ranges::find(listing.classes, row.fields[1]);
    if (label == listing.classes.end()) {
      fail(file, row.line, "no training image has the label '" + row.fields[1] + "'");
    }
    listing.files.push_back(
        {file.parent_path() / row.fields[0], static_cast<std::int32_t>(label - listing.classes.begin())});
  }
  return listing;
}

}  // namespace einet::data
