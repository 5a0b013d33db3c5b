// Table II: overall accuracy of the best single plan and of EINet.
//
// Two protocols. The paper fits and scores on the same held-out samples. Held-out: one half fits, the other is
// scored, both directions. All differences are paired: both methods on the same samples.

#include <cmath>
#include <cstdio>

#include "plot/bars.h"
#include "reproduce/context.h"
#include "reproduce/items.h"
#include "reproduce/paper.h"
#include "reproduce/words.h"

namespace einet::reproduce {
namespace {

using eval::Protocol;

constexpr std::size_t kStaticOptimal = 6, kPaper = 7, kPaperGain = 8, kEinet = 9, kEinetGain = 10, kColumns = 11;

std::vector<Column> columns() {
  return {{"network", "network"},
          {"data", "data"},
          {"bundle", "bundle"},
          {"paper_static_optimal", "paper: static-optimal", Unit::kPercent},
          {"paper_einet", "paper: EINet", Unit::kPercent},
          {"paper_gain", "paper: gain", Unit::kPoints},
          {"static_optimal", "static-optimal", Unit::kPercent, true},
          {"published", "EINet as published", Unit::kPercent, true},
          {"published_gain", "its gain", Unit::kPoints, true},
          {"einet", "einet", Unit::kPercent, true},
          {"einet_gain", "its gain", Unit::kPoints, true}};
}

/// Our values into the columns after the paper's.
void measure(Context& context, const std::string& bundle, Protocol protocol, Row& row) {
  row.cells.resize(kColumns);
  const Subject* subject = context.find(bundle);
  if (subject == nullptr) {
    row.note = context.problem(bundle);
    return;
  }
  const Score* best = context.score(*subject, protocol, "static-optimal");
  row.cells[kStaticOptimal] = best->accuracy;
  const auto add = [&](const std::string& method, std::size_t value, std::size_t gain) {
    const Score* score = context.score(*subject, protocol, method);
    if (score == nullptr) return false;
    row.cells[value] = score->accuracy;
    row.cells[gain] = policy::paired_difference(score->samples, best->samples);
    return true;
  };
  add("einet", kEinet, kEinetGain);
  if (!add("paper", kPaper, kPaperGain)) row.note = without_predictor(*subject);
}

std::vector<Row> rows(Context& context, Protocol protocol) {
  std::vector<Row> rows;
  std::vector<std::string> shown;
  for (const PaperNetwork& network : paper_networks()) {
    for (const std::string data : {"cifar10", "cifar100"}) {
      const PaperAccuracies& paper = data == "cifar10" ? network.cifar10 : network.cifar100;
      const std::string bundle = data + "-" + network.name;
      Row row{.cells = {network.title, data == "cifar10" ? "CIFAR-10" : "CIFAR-100", bundle, paper.static_optimal,
                        paper.einet, paper.einet - paper.static_optimal},
              .note = {}};
      measure(context, bundle, protocol, row);
      rows.push_back(std::move(row));
      shown.push_back(bundle);
    }
  }
  for (const std::string& bundle : other_bundles(context, shown)) {
    Row row{.cells = {"", dataset_of(context, bundle), bundle}, .note = {}};
    measure(context, bundle, protocol, row);
    rows.push_back(std::move(row));
  }
  return rows;
}

Picture gains(const Table& table) {
  plot::BarChart chart;
  chart.title = "Gain over static-optimal, " + table.caption;
  chart.value.title = "percentage points";
  chart.decimals = 2;
  chart.series = {{"the paper", {}}, {"EINet as published", {}}, {"einet", {}}};
  for (const Row& row : table.rows) {
    if (!row.cells[5].value) continue;  // Not a row of the paper.
    chart.categories.push_back(row.cells[0].text + ", " + row.cells[1].text);
    const std::size_t cells[] = {5, kPaperGain, kEinetGain};
    for (std::size_t s = 0; s < 3; ++s) chart.series[s].bars.push_back(bar_of(row.cells[cells[s]], 100.0));
  }
  return {"Gain over static-optimal, " + table.caption + " protocol", plot::bars_svg(chart)};
}

std::string agreement(const Table& table) {
  int measured = 0, positive = 0, einet_positive = 0, present = 0;
  double sum = 0.0, paper = 0.0, einet = 0.0;
  for (const Row& row : table.rows) {
    if (!row.cells[5].value || !row.cells[kEinetGain].value) continue;
    ++present;
    einet += *row.cells[kEinetGain].value;
    einet_positive += *row.cells[kEinetGain].value > 0.0;
    if (!row.cells[kPaperGain].value) continue;
    ++measured;
    positive += *row.cells[kPaperGain].value > 0.0;
    sum += *row.cells[kPaperGain].value;
    paper += *row.cells[5].value;
  }
  if (measured == 0) return "No row of the paper can be compared: no bundle with a predictor is here.";
  return "EINet as published gains over static-optimal in " + std::to_string(positive) + " of " +
         std::to_string(measured) + " rows, on average " + points(sum / measured) + " points, against " +
         points(paper / measured) + " in the same rows of the paper; einet gains in " + std::to_string(einet_positive) +
         " of " + std::to_string(present) + ", on average " + points(einet / present) + " (held-out protocol).";
}

Result run(Context& context) {
  Result result;
  result.tables = {{"held-out", columns(), rows(context, Protocol::kHeldOut)},
                   {"same-samples", columns(), rows(context, Protocol::kSameSamples)}};
  for (const Table& table : result.tables) result.pictures.push_back(gains(table));
  result.agreement = agreement(result.tables.front());
  result.protocol =
      "exact simulation from the bundle's confidences and this machine's block times. Held-out: fitted on one half of "
      "the samples, scored on the other, both directions. Same-samples: the paper's, fitted and scored on all. "
      "Standard errors over samples; gains are paired.";
  result.data = "the held-out samples of each bundle (10,000 test images)";
  result.command = "einet eval BUNDLE --json, and with --same-samples";
  return result;
}

}  // namespace

Item table2() {
  return {"table2", "Table II: overall accuracy of static-optimal and EINet",
          "EINet gains 0.01 to 1.79 points over static-optimal in all twelve rows, with a uniform cut-off.", run,
          paper_bundles({"cifar10", "cifar100"})};
}

}  // namespace einet::reproduce
