#include "reproduce/report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/utc_time.h"
#include "einet/error.h"
#include "exec/platform.h"
#include "io/file.h"

namespace einet::reproduce {
namespace {

std::vector<std::string> names(const std::string& name, std::size_t count, const std::string& ending) {
  std::vector<std::string> files;
  for (std::size_t k = 0; k < count; ++k) {
    files.push_back(name + (count == 1 ? "" : "-" + std::to_string(k + 1)) + ending);
  }
  return files;
}

std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

std::vector<Outcome> run_items(const std::vector<Item>& items, Context& context) {
  std::vector<Outcome> outcomes;
  for (const Item& item : items) {
    context.progress().update("reproducing", static_cast<std::int64_t>(outcomes.size()),
                              static_cast<std::int64_t>(items.size()), item.name);
    Outcome outcome{.item = item, .result = {}, .error = {}};
    try {
      outcome.result = item.run(context);
    } catch (const Error& error) {
      outcome.error = error.what();
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

std::vector<std::string> csv_names(const Outcome& outcome) {
  return names(outcome.item.name, outcome.result.tables.size(), ".csv");
}

std::vector<std::string> svg_names(const Outcome& outcome) {
  return names(outcome.item.name, outcome.result.pictures.size(), ".svg");
}

void write_report(const std::vector<Outcome>& outcomes, const About& about, const std::filesystem::path& folder) {
  io::create_folders(folder);
  for (const Outcome& outcome : outcomes) {
    const auto csv = csv_names(outcome), svg = svg_names(outcome);
    for (std::size_t k = 0; k < csv.size(); ++k) io::write_file(folder / csv[k], to_csv(outcome.result.tables[k]));
    for (std::size_t k = 0; k < svg.size(); ++k) io::write_file(folder / svg[k], outcome.result.pictures[k].svg);
  }
  io::write_file(folder / "index.html", page(outcomes, about));
}

About about(const Context& context, const std::string& command, const std::string& version) {
  const ContextOptions& options = context.options();
  const exec::Platform platform = exec::this_platform();
  const std::string times = options.timing.platform.empty() ? platform.name : "times of " + options.timing.platform;
  return {.command = command,
          .date = utc_time(),
          .version = version,
          .machine = platform.processor + " (" + times + ")",
          .bundles = options.bundles.string(),
          .distribution = options.distribution,
          .seed = options.seed,
          .busy = context.busy()};
}

nlohmann::json to_json(const std::vector<Outcome>& outcomes, const About& about) {
  nlohmann::json items = nlohmann::json::array();
  for (const Outcome& outcome : outcomes) {
    nlohmann::json entry = {{"name", outcome.item.name}, {"title", outcome.item.title}, {"paper", outcome.item.paper}};
    if (!outcome.error.empty()) {
      entry["error"] = outcome.error;
    } else {
      const Result& result = outcome.result;
      entry["agreement"] = result.agreement;
      entry["protocol"] = result.protocol;
      entry["data"] = result.data;
      entry["command"] = result.command;
      entry["notes"] = result.notes;
      entry["tables"] = nlohmann::json::array();
      for (const Table& table : result.tables) entry["tables"].push_back(to_json(table));
    }
    items.push_back(std::move(entry));
  }
  return {{"command", about.command}, {"date", about.date},       {"version", about.version},
          {"machine", about.machine}, {"bundles", about.bundles}, {"distribution", about.distribution},
          {"seed", about.seed},       {"items", std::move(items)}};
}

std::string to_text(const Outcome& outcome) {
  std::string text = outcome.item.title + '\n';
  if (!outcome.error.empty()) return text + "  failed: " + outcome.error + '\n';
  for (const Table& table : outcome.result.tables) {
    text += '\n' + table.caption + '\n';
    std::vector<std::vector<std::string>> lines(table.rows.size() + 1);
    std::vector<std::size_t> widths;
    for (std::size_t c = 0; c < table.columns.size(); ++c) {
      const Column& column = table.columns[c];
      lines[0].push_back(column.title);
      for (std::size_t r = 0; r < table.rows.size(); ++r) {
        const auto& cells = table.rows[r].cells;
        lines[r + 1].push_back(c < cells.size() ? shown(cells[c], column) : "");
      }
      std::size_t most = 0;
      for (const auto& line : lines) most = std::max(most, width(line[c]));
      widths.push_back(most);
    }
    for (std::size_t r = 0; r < lines.size(); ++r) {
      std::string line;
      for (std::size_t c = 0; c < widths.size(); ++c) {
        const std::string room(widths[c] - width(lines[r][c]), ' ');
        const bool number = table.columns[c].unit != Unit::kText;
        line += (c == 0 ? "  " : "   ") + (number ? room + lines[r][c] : lines[r][c] + room);
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + '\n';
      if (r > 0 && !table.rows[r - 1].note.empty()) text += "      " + table.rows[r - 1].note + '\n';
    }
  }
  text += '\n' + outcome.result.agreement + '\n';
  return text;
}

}  // namespace einet::reproduce
