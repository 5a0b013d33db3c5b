// Figure 11: the hybrid search (Algorithm 2) over m, the number of outputs up to which it tries every plan.

#include <cmath>

#include "einet/distribution.h"
#include "plot/chart.h"
#include "reproduce/context.h"
#include "reproduce/items.h"
#include "reproduce/planner_trial.h"
#include "reproduce/search_instances.h"
#include "reproduce/words.h"

namespace einet::reproduce {
namespace {

constexpr int kMost = 5;
constexpr double kSecondsAllowed = 8.0;

Result run(Context& context) {
  const SearchInstances instances = search_instances(context);
  const auto distribution = plan::parse_distribution(context.options().distribution, instances.times.total());
  Result result;
  Table table{.caption = "Hybrid search over m",
              .columns = {{"planner", "planner"},
                          {"m", "m", Unit::kNumber},
                          {"expectation", "accuracy expectation, %", Unit::kPercent, true},
                          {"gap", "below exact, points", Unit::kPoints},
                          {"seconds", "time of one plan", Unit::kSeconds},
                          {"instances", "instances", Unit::kNumber}},
              .rows = {}};
  plot::Chart quality, time;
  quality.title = "Accuracy expectation of hybrid search";
  quality.x = {.title = "m", .from = 0.0, .to = kMost};
  quality.y = {.title = "expectation, %"};
  time.title = "Time of hybrid search";
  time.x = quality.x;
  time.y = {.title = "milliseconds", .logarithmic = true};
  plot::Series expectations{"hybrid", {}, plot::Mark::kLine}, seconds{"hybrid", {}, plot::Mark::kLine};
  double at_one = 0.0, at_most = 0.0;
  for (int m = 0; m <= kMost; ++m) {
    context.progress().update("searching", m, kMost + 1, "");
    // Greedy additions alone are m = 0.
    const std::string name = m == 0 ? "greedy" : "hybrid-" + std::to_string(m);
    const PlannerTrial trial = try_planner(name, instances.times, distribution, instances.scores, kSecondsAllowed);
    const std::vector<std::vector<double>> same(instances.scores.begin(), instances.scores.begin() + trial.instances);
    const PlannerTrial exact = try_planner("exact", instances.times, distribution, same, kSecondsAllowed);
    const double gap = trial.expectation.mean - exact.expectation.mean;
    table.rows.push_back({{name, double(m), trial.expectation, gap, trial.seconds, double(trial.instances)}, {}});
    if (trial.instances == static_cast<int>(instances.scores.size())) {
      expectations.points.push_back({double(m), 100.0 * trial.expectation.mean});
    }
    seconds.points.push_back({double(m), 1e3 * trial.seconds});
    if (m == 1) at_one = gap;
    at_most = gap;
  }
  const PlannerTrial exact = try_planner("exact", instances.times, distribution, instances.scores, kSecondsAllowed);
  table.rows.push_back({{"exact", Cell(), exact.expectation, 0.0, exact.seconds, double(exact.instances)}, {}});
  // At least a point above and below, so that small differences look small.
  quality.y.from = std::floor(100.0 * exact.expectation.mean - 2.0);
  quality.y.to = std::ceil(100.0 * exact.expectation.mean + 1.0);
  quality.series = {expectations,
                    {"exact",
                     {{0.0, 100.0 * exact.expectation.mean}, {double(kMost), 100.0 * exact.expectation.mean}},
                     plot::Mark::kDashed}};
  time.series = {seconds,
                 {"exact", {{0.0, 1e3 * exact.seconds}, {double(kMost), 1e3 * exact.seconds}}, plot::Mark::kDashed}};
  result.pictures = {
      {"Mean over the instances; a point is left out where the search was stopped early", plot::chart_svg(quality)},
      {"Median time of one plan", plot::chart_svg(time)}};
  result.agreement = "As in the paper, time grows steeply with m while the expectation hardly does: m = 1 is " +
                     points(at_one) + " points from the optimum, m = " + std::to_string(kMost) + " " + points(at_most) +
                     ".";
  result.tables.push_back(std::move(table));
  result.protocol = "plans from scratch; a planner stops after " + tidy(kSecondsAllowed) +
                    " s, and is then compared with "
                    "exact on the instances that it did";
  result.data = instances.description;
  result.command = "einet bench planner --bundle BUNDLE";
  return result;
}

}  // namespace

Item figure11() {
  return {
      "figure11",
      "Figure 11: hybrid search over m",
      "The expectation rises a little with m and then stays, while the search time grows steeply; the paper chooses a "
      "small m.",
      run,
      {"cifar100-msdnet40-small"}};
}

}  // namespace einet::reproduce
