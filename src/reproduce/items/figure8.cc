// Figure 8: dynamic plans. Gains over executing every exit, of confidence thresholds, of re-planning by random search,
// and of EINet. Random search is EINet's re-planning with the planner `random`, whose planning time is measured and
// charged alike.

#include <algorithm>
#include <array>

#include "plot/bars.h"
#include "reproduce/context.h"
#include "reproduce/items.h"
#include "reproduce/words.h"

namespace einet::reproduce {
namespace {

struct Shown {
  const char* method;
  const char* planner;
  const char* column;
  const char* title;
};
constexpr std::array<Shown, 4> kShown = {{{"threshold", "exact", "threshold", "confidence threshold"},
                                          {"replan", "random", "random_search", "random search"},
                                          {"paper", "exact", "published", "EINet as published"},
                                          {"einet", "exact", "einet", "einet"}}};
constexpr std::size_t kFirst = 3, kThreshold = 3, kRandom = 4, kPublished = 5;

Row measure(Context& context, const std::string& bundle, const std::string& network, const std::string& data) {
  Row row{.cells = {network, data, bundle}, .note = {}};
  row.cells.resize(kFirst + kShown.size());
  const Subject* subject = context.find(bundle);
  if (subject == nullptr) {
    row.note = context.problem(bundle);
    return row;
  }
  const Score* all = context.score(*subject, eval::Protocol::kHeldOut, "static-100");
  for (std::size_t m = 0; m < kShown.size(); ++m) {
    const Score* score = context.score(*subject, eval::Protocol::kHeldOut, kShown[m].method, "", kShown[m].planner);
    if (score != nullptr) row.cells[kFirst + m] = policy::paired_difference(score->samples, all->samples);
  }
  if (!row.cells[kPublished].value) row.note = without_predictor(*subject);
  return row;
}

std::string agreement(const Table& table) {
  int rows = 0, best = 0;
  double lead = 0.0;
  for (const Row& row : table.rows) {
    if (!row.cells[kPublished].value || !row.cells[kRandom].value) continue;
    const double other = std::max(*row.cells[kThreshold].value, *row.cells[kRandom].value);
    const double ours = *row.cells[kPublished].value;
    ++rows;
    best += ours > other;
    lead += ours - other;
  }
  if (rows == 0) return "Nothing can be compared: no bundle with a predictor is here.";
  return "EINet as published is above both other dynamic plans in " + std::to_string(best) + " of " +
         std::to_string(rows) + " cases, on average " + points(lead / rows) +
         " points from the better one; the paper reports +0.79 to +4.1.";
}

Result run(Context& context) {
  Result result;
  Table table{.caption = "Gain over static-100, percentage points",
              .columns = {{"network", "network"}, {"data", "data"}, {"bundle", "bundle"}},
              .rows = {}};
  plot::BarChart chart;
  chart.title = "Gain of dynamic plans over executing every exit";
  chart.value.title = "percentage points";
  chart.decimals = 2;
  for (const Shown& shown : kShown) {
    table.columns.push_back({shown.column, shown.title, Unit::kPoints, true});
    chart.series.push_back({shown.title, {}});
  }
  for (const auto& [name, network] : {std::pair{"vgg16-small", "VGG-16"}, {"msdnet21-small", "MSDNet21"}}) {
    for (const auto& [data, title] : {std::pair{"cifar10", "CIFAR-10"}, {"cifar100", "CIFAR-100"}}) {
      table.rows.push_back(measure(context, std::string(data) + "-" + name, network, title));
      chart.categories.push_back(std::string(network) + ", " + title);
      for (std::size_t m = 0; m < kShown.size(); ++m) {
        chart.series[m].bars.push_back(bar_of(table.rows.back().cells[kFirst + m], 100.0));
      }
    }
  }
  result.pictures = {{"Gain over static-100", plot::bars_svg(chart)}};
  result.agreement = agreement(table);
  result.tables.push_back(std::move(table));
  result.protocol =
      "exact simulation, held-out protocol, paired differences. Threshold: the best one of the fitted half. Random "
      "search: "
      "re-planning as far as the predictor's shrinkage allows, by the best of 100 random plans; its time is measured "
      "and "
      "charged.";
  result.data = "the held-out samples of each bundle (10,000 test images)";
  result.command = "einet eval BUNDLE --json, and with --planner random (method replan)";
  return result;
}

}  // namespace

Item figure8() {
  return {"figure8",
          "Figure 8: EINet against other dynamic plans",
          "EINet gains 0.79 to 4.1 points over confidence thresholds and random search.",
          run,
          {"cifar10-vgg16-small", "cifar100-vgg16-small", "cifar10-msdnet21-small", "cifar100-msdnet21-small"}};
}

}  // namespace einet::reproduce
