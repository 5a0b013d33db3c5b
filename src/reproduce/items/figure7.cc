// Figure 7: EINet against static plans on three data sets.

#include <algorithm>
#include <array>

#include "plot/bars.h"
#include "reproduce/context.h"
#include "reproduce/items.h"
#include "reproduce/paper.h"
#include "reproduce/words.h"

namespace einet::reproduce {
namespace {

struct Shown {
  const char* method;
  const char* column;
  const char* title;
};
constexpr std::array<Shown, 5> kShown = {{{"static-25", "static_25", "static 25 %"},
                                          {"static-50", "static_50", "static 50 %"},
                                          {"static-100", "static_100", "static 100 %"},
                                          {"paper", "published", "EINet as published"},
                                          {"einet", "einet", "einet"}}};
constexpr std::size_t kFirst = 3;  ///< Column of the first method.
constexpr std::size_t kPublished = kFirst + 3, kEinet = kFirst + 4;

Row measure(Context& context, const PaperNetwork& network, const PaperDataset& data) {
  const std::string bundle = data.name + "-" + network.name;
  Row row{.cells = {data.title, network.title, bundle}, .note = {}};
  row.cells.resize(kFirst + kShown.size());
  const Subject* subject = context.find(bundle);
  if (subject == nullptr) {
    row.note = context.problem(bundle);
    return row;
  }
  for (std::size_t m = 0; m < kShown.size(); ++m) {
    const Score* score = context.score(*subject, eval::Protocol::kHeldOut, kShown[m].method);
    if (score != nullptr) row.cells[kFirst + m] = score->accuracy;
  }
  if (!row.cells[kPublished].value) row.note = without_predictor(*subject);
  return row;
}

Picture picture(const Table& table, const std::string& data) {
  plot::BarChart chart;
  chart.title = "Overall accuracy on " + data;
  chart.value = {.title = "overall accuracy, %", .from = 0.0, .to = 100.0};
  for (const Shown& shown : kShown) chart.series.push_back({shown.title, {}});
  for (const Row& row : table.rows) {
    if (row.cells[0].text != data) continue;
    chart.categories.push_back(row.cells[1].text);
    for (std::size_t m = 0; m < kShown.size(); ++m) {
      chart.series[m].bars.push_back(bar_of(row.cells[kFirst + m], 100.0));
    }
  }
  return {"Static plans and EINet on " + data, plot::bars_svg(chart)};
}

/// Least and largest gain of the method in `column` over the three static plans, in words.
std::string gains(const Table& table, std::size_t column) {
  double least = 1.0, most = -1.0;
  for (const Row& row : table.rows) {
    for (std::size_t m = 0; m < 3; ++m) {
      if (!row.cells[column].value || !row.cells[kFirst + m].value) continue;
      const double gain = *row.cells[column].value - *row.cells[kFirst + m].value;
      least = std::min(least, gain);
      most = std::max(most, gain);
    }
  }
  return least > most ? "nothing" : points(least) + " to " + points(most) + " points";
}

Result run(Context& context) {
  Result result;
  Table table{.caption = "Overall accuracy, %",
              .columns = {{"data", "data"}, {"network", "network"}, {"bundle", "bundle"}},
              .rows = {}};
  for (const Shown& shown : kShown) table.columns.push_back({shown.column, shown.title, Unit::kPercent, true});
  for (const PaperDataset& data : paper_datasets()) {
    for (const PaperNetwork& network : paper_networks()) table.rows.push_back(measure(context, network, data));
  }
  for (const PaperDataset& data : paper_datasets()) result.pictures.push_back(picture(table, data.title));
  result.agreement = "EINet as published gains " + gains(table, kPublished) + " over the static plans, einet " +
                     gains(table, kEinet) + "; the paper reports gains over static plans of up to +16.5 points.";
  result.tables.push_back(std::move(table));
  result.protocol = "exact simulation, held-out protocol; static plans are evenly spaced and need no fitting";
  result.data = "the held-out samples of each bundle (10,000 test images)";
  result.command = "einet eval BUNDLE --json";
  return result;
}

}  // namespace

Item figure7() {
  return {
      "figure7", "Figure 7: EINet against static plans",
      "On MNIST, CIFAR-10 and CIFAR-100, EINet is above plans with 25, 50 and 100 % of the exits; figures 7 to 9 state "
      "gains of 0.13 to 16.5 points over static plans.",
      run, paper_bundles({"mnist", "cifar10", "cifar100"})};
}

}  // namespace einet::reproduce
