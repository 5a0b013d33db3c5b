#include "eval/pictures.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "plot/bars.h"
#include "plot/chart.h"

namespace einet::eval {
namespace {

constexpr double kMillisecond = 1e-3;

plot::Bar bar(const policy::Estimate& accuracy) { return {100 * accuracy.mean, 100 * accuracy.standard_error}; }

}  // namespace

std::string curves_svg(const Report& report) {
  plot::Chart chart{.title = report.bundle + ": accuracy when cut off",
                    .x = {.title = "time of the cut-off (ms)", .from = 0.0},
                    .y = {.title = "right answers (%)"},
                    .series = {}};
  for (const MethodResult& method : report.methods) {
    plot::Series& series = chart.series.emplace_back();
    series.name = method.name;
    series.mark = plot::Mark::kLine;
    for (std::size_t i = 0; i < report.cuts.size(); ++i) {
      series.points.push_back({.x = report.cuts[i] / kMillisecond, .y = 100 * method.curve[i]});
    }
  }
  return plot::chart_svg(chart);
}

std::string accuracies_svg(const Comparison& comparison) {
  plot::BarChart chart{.title = "Overall accuracy, cut-off " + comparison.distribution,
                       .categories = {},
                       .value = {.title = "right answers (%)"},
                       .series = {}};
  for (const ComparedBundle& bundle : comparison.bundles) chart.categories.push_back(bundle.name);
  for (std::size_t b = 0; b < comparison.bundles.size(); ++b) {
    for (const ComparedMethod& method : comparison.bundles[b].methods) {
      auto series = std::ranges::find(chart.series, method.name, &plot::BarSeries::name);
      if (series == chart.series.end()) {
        series = chart.series.insert(series, {method.name, std::vector<plot::Bar>(comparison.bundles.size())});
      }
      series->bars[b] = bar(method.accuracy);
    }
  }
  return plot::bars_svg(chart);
}

}  // namespace einet::eval
