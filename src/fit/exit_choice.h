#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "plan/exit_choice.h"
#include "profile/et_profile.h"

namespace einet::fit {

/// What a set of exits is chosen for, and its limits.
struct ExitChoiceOptions {
  std::string distribution = "uniform";  ///< Of the cut-off, as plan::parse_distribution() takes it.
  /// Latest cut-off in seconds; 0 = the time to run everything, but at most 1.25 times that of the network with only
  /// its last branch, because most candidates will be removed.
  double horizon = 0;
  std::int64_t max_parameters = 0;  ///< Of the whole network; 0 = any number.
  int max_exits = plan::kMaxExits;
  bool keep_last = false;  ///< Keep the network's own exit even if no run within the horizon gains by it.
};

/// A machine that exits are chosen for, and the latest cut-off there in seconds.
struct ExitChoicePlatform {
  std::string name;
  double horizon;
};

/// A set of exits, and the bundle of the network that has only these.
struct ExitChoice {
  plan::ExitCandidates candidates;  ///< One device for each of `platforms`.
  std::vector<ExitChoicePlatform> platforms;
  plan::ChosenExits chosen;
  bundle::Bundle after;
};

/// Chooses the exits of `before` with the greatest accuracy expectation, mean over the devices `timings` (at least
/// one), and removes the others from the network. The parts of the bundle that need no training are fitted again:
/// decision tables for every platform, and the weights of combined answers for the first device. Throws kNotFound
/// without a CS-profile, and what plan::choose_exits() and bundle::keep_exits() throw.
ExitChoice choose_exits(const bundle::Bundle& before, const std::vector<profile::EtProfile>& timings,
                        const ExitChoiceOptions& options);

/// {"distribution", "before", "after": {"exits", "expectation", "best_exit_accuracy", "elasticity", "parameters",
/// "model_bytes"}, "upper_bound", "exits": [{"exit", "was", "accuracy", "value", "branch_parameters"},…], "platforms":
/// [{"platform", "horizon_seconds", "expectation_before", "expectation"},…]}; exits count from 1. `before` is the
/// bundle that they were chosen from.
nlohmann::json to_json(const bundle::Bundle& before, const ExitChoice& choice);

/// The network with the exits chosen, on the first device, as a timeline (plot/timeline.h).
std::string timeline_svg(const ExitChoice& choice);

}  // namespace einet::fit
