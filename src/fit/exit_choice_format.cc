// A choice of exits as JSON and as a picture.

#include <algorithm>
#include <nlohmann/json.hpp>

#include "einet/distribution.h"
#include "fit/exit_choice.h"
#include "graph/cost.h"
#include "graph/onnx_file.h"
#include "plot/timeline.h"

namespace einet::fit {
namespace {

/// The figures of a network.
nlohmann::json summary(const bundle::Bundle& bundle, double expectation) {
  const std::vector<double> scores = bundle.measured_confidences().accuracies();
  const double best = *std::ranges::max_element(scores);
  return {{"exits", bundle.exits()},
          {"expectation", expectation},
          {"best_exit_accuracy", best},
          {"elasticity", best > 0 ? expectation / best : 0.0},
          {"parameters", graph::total_parameters(graph::block_costs(bundle.graph, graph::partition(bundle.graph)))},
          {"model_bytes", graph::format_onnx(bundle.graph, bundle.weights).size()}};
}

nlohmann::json exits_json(const ExitChoice& choice) {
  nlohmann::json exits = nlohmann::json::array();
  const plan::ExitPlan& kept = choice.chosen.exits;
  for (int exit = kept.next(-1); exit < kept.exits(); exit = kept.next(exit)) {
    exits.push_back({{"exit", exits.size() + 1},
                     {"was", exit + 1},
                     {"accuracy", choice.candidates.scores[exit]},
                     {"value", choice.chosen.values[exit]},
                     {"branch_parameters", choice.candidates.branch_size[exit]}});
  }
  return exits;
}

nlohmann::json platforms_json(const ExitChoice& choice) {
  nlohmann::json platforms = nlohmann::json::array();
  plan::ExitCandidates one = choice.candidates;
  for (std::size_t i = 0; i < choice.platforms.size(); ++i) {
    one.devices = {choice.candidates.devices[i]};
    platforms.push_back(
        {{"platform", choice.platforms[i].name},
         {"horizon_seconds", choice.platforms[i].horizon},
         {"expectation_before", plan::expectation_among(one, plan::ExitPlan::all(choice.chosen.exits.exits()))},
         {"expectation", plan::expectation_among(one, choice.chosen.exits)}});
  }
  return platforms;
}

}  // namespace

nlohmann::json to_json(const bundle::Bundle& before, const ExitChoice& choice) {
  const double all = plan::expectation_among(choice.candidates, plan::ExitPlan::all(choice.chosen.exits.exits()));
  return {{"distribution", choice.candidates.devices.front().distribution->description()},
          {"before", summary(before, all)},
          {"after", summary(choice.after, choice.chosen.expectation)},
          {"upper_bound", choice.chosen.upper_bound},
          {"exits", exits_json(choice)},
          {"platforms", platforms_json(choice)}};
}

std::string timeline_svg(const ExitChoice& choice) {
  const plan::ExitDevice& device = choice.candidates.devices.front();
  const plan::ExitPlan& kept = choice.chosen.exits;
  plot::TimelineOptions picture;
  picture.title = std::to_string(kept.count()) + " of " + std::to_string(kept.exits()) + " exits";
  if (const double horizon = device.distribution->horizon(); horizon < plan::kNoDeadline) picture.horizon = horizon;
  picture.distribution = device.distribution.get();
  picture.expectation = choice.chosen.expectation;
  return plot::timeline_svg(device.times, kept, choice.candidates.scores, picture);
}

}  // namespace einet::fit
