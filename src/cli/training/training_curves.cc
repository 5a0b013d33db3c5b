#include "cli/training/training_curves.h"

#include <algorithm>
#include <set>

#include "plot/chart.h"

namespace einet::cli {
namespace {

/// First, last and others evenly between: at most as many as a chart has colours for, with one left for the plan.
std::set<std::size_t> shown_exits(std::size_t exits) {
  constexpr std::size_t kMost = 6;
  std::set<std::size_t> shown;
  const std::size_t count = std::min(exits, kMost);
  for (std::size_t k = 0; k < count; ++k) shown.insert(count == 1 ? 0 : k * (exits - 1) / (count - 1));
  return shown;
}

}  // namespace

std::string training_curves_svg(const std::vector<train::EpochReport>& epochs) {
  plot::Chart accuracy{.title = "Accuracy on the test images",
                       .x = {.title = "epoch"},
                       .y = {.title = "%"},
                       .series = {{.name = "best static plan", .points = {}, .mark = plot::Mark::kDashed}}};
  // Both charts give an exit the same colour, so the loss has a series in place of the plan.
  plot::Chart loss{.title = "Training loss",
                   .x = {.title = "epoch"},
                   .y = {.title = "cross entropy"},
                   .series = {{.name = "all exits, weighted", .points = {}, .mark = plot::Mark::kDashed}}};
  for (const train::EpochReport& epoch : epochs) {
    const auto x = static_cast<double>(epoch.epoch);
    accuracy.series[0].points.push_back({.x = x, .y = 100 * epoch.expectation});
    loss.series[0].points.push_back({.x = x, .y = epoch.loss});
  }
  for (const std::size_t exit : shown_exits(epochs.back().accuracy.size())) {
    const std::string name = "exit " + std::to_string(exit + 1);
    plot::Series right{.name = name, .points = {}}, wrong{.name = name, .points = {}};
    for (const train::EpochReport& epoch : epochs) {
      const auto x = static_cast<double>(epoch.epoch);
      right.points.push_back({.x = x, .y = 100 * epoch.accuracy[exit]});
      if (exit < epoch.exit_losses.size()) wrong.points.push_back({.x = x, .y = epoch.exit_losses[exit]});
    }
    accuracy.series.push_back(std::move(right));
    loss.series.push_back(std::move(wrong));
  }
  return plot::charts_svg("Training curves", {accuracy, loss});
}

}  // namespace einet::cli
