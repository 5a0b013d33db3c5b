// Beyond the paper: its method beside what `einet` does today, for every bundle of the folder. Combined answers, and
// the variants with exits at the input (NAME-elastic), are compared on the horizon of the bundle that they were made
// from.

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "einet/error.h"
#include "eval/compare.h"
#include "eval/metrics.h"
#include "plot/bars.h"
#include "reproduce/context.h"
#include "reproduce/items.h"
#include "reproduce/words.h"

namespace einet::reproduce {
namespace {

constexpr const char* kElastic = "-elastic";
enum : std::size_t { kName, kExits, kStatic, kPublished, kEinet, kCombined, kElasticity, kColumns };

Table methods(Context& context) {
  Table table{.caption = "Methods, each bundle on its own horizon (held-out)",
              .columns = {{"bundle", "bundle"},
                          {"exits", "exits", Unit::kNumber},
                          {"static_optimal", "static-optimal", Unit::kPercent, true},
                          {"published", "EINet as published", Unit::kPercent, true},
                          {"einet", "einet", Unit::kPercent, true},
                          {"combined", "einet, combined answers", Unit::kPercent, true},
                          {"elasticity", "elasticity", Unit::kNumber}},
              .rows = {}};
  for (const std::string& name : other_bundles(context, {})) {
    Row row{.cells = {name}, .note = {}};
    row.cells.resize(kColumns);
    if (const Subject* subject = context.find(name)) {
      row.cells[kExits] = double(subject->bundle.exits());
      const auto add = [&](std::size_t column, const char* method) {
        const Score* score = context.score(*subject, eval::Protocol::kHeldOut, method);
        if (score != nullptr) row.cells[column] = score->accuracy;
      };
      add(kStatic, "static-optimal");
      add(kPublished, "paper");
      add(kEinet, "einet");
      add(kCombined, "combined");
      row.cells[kElasticity] = eval::elasticity(*row.cells[kStatic].value, *subject->bundle.confidences);
    } else {
      row.note = context.problem(name);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// eval::compare() of a bundle and its elastic variant, which is what `einet compare` prints.
Row compared(Context& context, const std::string& elastic) {
  const std::string base = elastic.substr(0, elastic.size() - std::string(kElastic).size());
  Row row{.cells = {base}, .note = {}};
  const Subject* first = context.find(base);
  const Subject* second = context.find(elastic);
  if (first == nullptr || second == nullptr) {
    row.note = context.problem(first == nullptr ? base : elastic);
    return row;
  }
  context.progress().update("comparing", 0, 1, base);
  const std::array<eval::Candidate, 2> pair = {first->candidate(), second->candidate()};
  eval::CompareOptions options;
  options.distribution = context.options().distribution;
  eval::Comparison comparison;
  try {
    comparison = eval::compare(pair, options);
  } catch (const Error& error) {
    row.note = error.what();
    return row;
  }
  const auto find = [](const eval::ComparedBundle& bundle, std::string_view name) {
    return std::ranges::find_if(bundle.methods, [&](const auto& method) { return method.name == name; });
  };
  const eval::ComparedBundle& plain = comparison.bundles[0];
  const eval::ComparedBundle& variant = comparison.bundles[1];
  const auto best = find(plain, "static-optimal");
  const auto einet = find(variant, "einet");
  row.cells = {base, best->accuracy, find(plain, "einet")->accuracy, einet->accuracy,
               einet->over_first ? Cell(*einet->over_first) : Cell()};
  const auto combined = find(variant, "combined");
  row.cells.push_back(combined == variant.methods.end() ? Cell() : Cell(combined->accuracy));
  return row;
}

Table variants(Context& context) {
  Table table{.caption = "Exits at the input: NAME-elastic on the horizon of NAME (held-out)",
              .columns = {{"bundle", "bundle"},
                          {"static_optimal", "static-optimal", Unit::kPercent, true},
                          {"einet", "einet", Unit::kPercent, true},
                          {"elastic_einet", "with input exits: einet", Unit::kPercent, true},
                          {"elastic_gain", "gain of input exits", Unit::kPoints, true},
                          {"elastic_combined", "with input exits: combined", Unit::kPercent, true}},
              .rows = {}};
  for (const std::string& name : context.names()) {
    if (name.ends_with(kElastic)) table.rows.push_back(compared(context, name));
  }
  return table;
}

Picture picture(const Table& methods, const Table& variants) {
  plot::BarChart chart;
  chart.title = "The paper's method and today's einet";
  chart.value = {.title = "overall accuracy, %", .from = 0.0, .to = 100.0};
  chart.series = {{"static-optimal", {}}, {"EINet as published", {}}, {"einet", {}}, {"einet with input exits", {}}};
  for (const Row& row : methods.rows) {
    if (row.cells[kName].text.ends_with(kElastic)) continue;
    chart.categories.push_back(row.cells[kName].text);
    const std::size_t columns[] = {kStatic, kPublished, kEinet};
    for (std::size_t s = 0; s < 3; ++s) chart.series[s].bars.push_back(bar_of(row.cells[columns[s]], 100.0));
    plot::Bar elastic;
    for (const Row& variant : variants.rows) {
      if (variant.cells[0].text == row.cells[kName].text && variant.cells.size() > 3) {
        elastic = bar_of(variant.cells[3], 100.0);
      }
    }
    chart.series[3].bars.push_back(elastic);
  }
  return {"All on the horizon of the bundle without input exits", plot::bars_svg(chart)};
}

std::string agreement(const Table& methods, const Table& variants) {
  int rows = 0, published_wins = 0, pairs = 0;
  double published = 0.0, einet = 0.0, gain = 0.0;
  for (const Row& row : methods.rows) {
    if (!row.cells[kPublished].value) continue;
    ++rows;
    published += *row.cells[kPublished].value - *row.cells[kStatic].value;
    einet += *row.cells[kEinet].value - *row.cells[kStatic].value;
    published_wins += *row.cells[kPublished].value > *row.cells[kEinet].value;
  }
  for (const Row& row : variants.rows) {
    if (row.cells.size() < 5 || !row.cells[4].value) continue;
    ++pairs;
    gain += *row.cells[4].value;
  }
  if (rows == 0) return "No bundle here has the predictor that the paper's method needs.";
  std::string text = "On average over " + std::to_string(rows) + " bundles, EINet as published is " +
                     points(published / rows) + " points from static-optimal and einet " + points(einet / rows) +
                     "; the published method is above einet in " + std::to_string(published_wins);
  if (pairs > 0) {
    text +=
        "; exits at the input add " + points(gain / pairs) + " on average over " + std::to_string(pairs) + " bundles";
  }
  return text + ".";
}

Result run(Context& context) {
  Result result;
  result.tables = {methods(context)};
  Table elastic = variants(context);
  result.pictures = {picture(result.tables.front(), elastic)};
  result.agreement = agreement(result.tables.front(), elastic);
  if (!elastic.rows.empty()) result.tables.push_back(std::move(elastic));
  result.protocol =
      "exact simulation, held-out protocol. Elasticity is E of static-optimal divided by the accuracy of the best "
      "exit. "
      "Combined answers need log-probabilities in the bundle";
  result.data = "the held-out samples of each bundle of the folder";
  result.command = "einet eval BUNDLE --json; einet compare NAME.einet NAME-elastic.einet --json";
  return result;
}

}  // namespace

Item today() {
  return {"today", "Beyond the paper: its method and today's einet",
          "Not in the paper: elasticity, combined answers and exits at the input, for every bundle of the folder.",
          run};
}

}  // namespace einet::reproduce
