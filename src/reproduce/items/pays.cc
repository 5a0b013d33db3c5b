// Where per-sample planning pays: a map over the ratio of branch to trunk time and the accuracy ramp.
//
// All networks are brought to the same ratios, and their ramp is changed in the same steps; each cell is the mean gain
// over the networks. Planning is free here, so that the map is an upper limit: a planner on the device pays for its
// time as well.

#include <algorithm>
#include <cmath>
#include <limits>

#include "plot/heat_map.h"
#include "reproduce/analysis/gain.h"
#include "reproduce/analysis/ramp.h"
#include "reproduce/context.h"
#include "reproduce/items.h"
#include "reproduce/words.h"

namespace einet::reproduce {
namespace {

constexpr int kSamples = 4000;  // Of each network and cell.
constexpr int kMostExits = 24;  // Fitting decision tables takes too long beyond.
constexpr double kRatios[] = {0.1, 0.3, 1.0, 3.0};
constexpr double kRamps[] = {-0.6, 0.0, 0.3, 0.6};

struct Cells {
  double ramp = 0.0;  ///< Mean accuracy of the last exit less that of the first.
  policy::Estimate published, decisions, oracle;
};

void add(policy::Estimate& sum, const policy::Estimate& gain) {
  sum.mean += gain.mean;
  sum.standard_error += gain.standard_error * gain.standard_error;
}

policy::Estimate mean(const policy::Estimate& sum, int networks) {
  return {sum.mean / networks, std::sqrt(sum.standard_error) / networks};
}

/// Networks as they were trained, without those whose exits were chosen for a device: at least three exits, and a trunk
/// that takes time.
std::vector<const Subject*> networks(Context& context) {
  std::vector<const Subject*> all;
  for (const std::string& name : context.names()) {
    const Subject* subject = context.find(name);
    if (name.ends_with("-elastic") || subject == nullptr) continue;
    if (subject->bundle.exits() < 3 || subject->bundle.exits() > kMostExits) continue;
    const double ratio = branch_ratio_of(subject->times);
    if (ratio > 0.0 && std::isfinite(ratio)) all.push_back(subject);
  }
  return all;
}

/// One row of the map: a ramp at every ratio.
std::vector<Cells> cells(const std::vector<const Subject*>& subjects, double change) {
  std::vector<Cells> row(std::size(kRatios));
  for (Cells& cell : row) {
    for (policy::Estimate* sum : {&cell.published, &cell.decisions, &cell.oracle}) sum->standard_error = 0.0;
  }
  const int count = static_cast<int>(subjects.size());
  for (const Subject* subject : subjects) {
    const GainExperiment changed(with_ramp(*subject->bundle.confidences, change), subject->times, nullptr, kSamples);
    for (std::size_t r = 0; r < row.size(); ++r) {
      const GainExperiment experiment = changed.with_times(with_branch_ratio(subject->times, kRatios[r]));
      add(row[r].published, experiment.gain({.prediction = Prediction::kLastConfidence}).gain);
      add(row[r].decisions, experiment.decision_gain().gain);
      add(row[r].oracle, experiment.oracle_gain().gain);
      row[r].ramp += ramp_of(changed.profile()) / count;
    }
  }
  for (Cells& cell : row) {
    for (policy::Estimate* sum : {&cell.published, &cell.decisions, &cell.oracle}) *sum = mean(*sum, count);
  }
  return row;
}

std::vector<Column> columns() {
  return {{"branch_ratio", "branches / trunk", Unit::kNumber},
          {"ramp", "accuracy ramp", Unit::kPercent},
          {"published", "gain as published", Unit::kPoints, true},
          {"decisions", "gain of einet", Unit::kPoints, true},
          {"oracle", "gain if correctness were known", Unit::kPoints, true}};
}

/// `value` of every cell, in points.
Picture map_of(const std::vector<std::vector<Cells>>& rows, const std::string& caption,
               policy::Estimate Cells::*value) {
  plot::HeatMap map;
  map.title = caption;
  map.x_title = "time of all branches / time of the trunk";
  map.y_title = "accuracy ramp, points";
  for (const double ratio : kRatios) map.columns.push_back(tidy(ratio));
  for (const auto& row : rows) {
    map.rows.push_back(tidy(std::round(1000.0 * row.front().ramp) / 10.0));
    std::vector<double>& values = map.values.emplace_back();
    for (const Cells& cell : row) values.push_back(100.0 * (cell.*value).mean);
  }
  return {caption, plot::heat_map_svg(map)};
}

Result run(Context& context) {
  const std::vector<const Subject*> subjects = networks(context);
  Result result;
  Table table{"map", columns(), {}};
  std::vector<std::vector<Cells>> rows;
  double best = -1.0, best_ratio = 0.0, best_ramp = 0.0;
  int paying = 0;
  for (const double change : kRamps) {
    if (subjects.empty()) break;
    context.progress().update("pays", static_cast<std::int64_t>(rows.size()), std::size(kRamps), "");
    rows.push_back(cells(subjects, change));
    for (std::size_t r = 0; r < rows.back().size(); ++r) {
      const Cells& cell = rows.back()[r];
      table.rows.push_back({{kRatios[r], cell.ramp, cell.published, cell.decisions, cell.oracle}, {}});
      paying += cell.decisions.mean > 2.0 * cell.decisions.standard_error;
      if (cell.decisions.mean <= best) continue;
      best = cell.decisions.mean;
      best_ratio = kRatios[r];
      best_ramp = cell.ramp;
    }
  }
  if (subjects.empty()) {
    table.rows.push_back({{}, "no bundle with 3 to 24 exits"});
    result.agreement = "Nothing to map: no bundle with 3 to 24 exits is here.";
  } else {
    result.agreement = "The decision tables of einet gain more than two standard errors in " + std::to_string(paying) +
                       " of " + std::to_string(table.rows.size()) + " cells, at most " + points(best) +
                       " points, where branches take " + tidy(best_ratio) + " times the trunk and accuracy rises by " +
                       points(best_ramp) + " points.";
    result.pictures = {
        map_of(rows, "Gain as published, by confidences (points)", &Cells::published),
        map_of(rows, "Gain of decision tables fitted on outcomes, as einet has them (points)", &Cells::decisions)};
  }
  result.tables.push_back(std::move(table));
  result.protocol =
      "held-out halves, uniform cut-off, free planning; as published: predictions by the last confidence; " +
      std::to_string(kSamples) + " samples of each of " + std::to_string(subjects.size()) +
      " networks per cell; gains over the best single plan of the same cell.";
  result.data = "bundles with 3 to 24 exits, their branch times and answers changed";
  return result;
}

}  // namespace

Item pays() {
  return {"pays", "Where per-sample planning pays", "The paper reports gains for its own networks and device only.",
          run};
}

}  // namespace einet::reproduce
