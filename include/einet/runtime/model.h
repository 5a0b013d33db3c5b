#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "einet/bundle/bundle.h"
#include "einet/core/normalization.h"
#include "einet/exec/program.h"
#include "einet/plan/distribution.h"
#include "einet/runtime/policy.h"

namespace einet {

struct ModelOptions {
  /// The cut-off's distribution, in the language of plan::parse_distribution(), scaled to the horizon.
  std::string distribution = "uniform";
  /// Planner by name; "exact" needs no reason to be changed except comparison.
  std::string planner = "exact";
};

/// A bundle made ready for this machine: compiled network, block times, planner and beliefs. Immutable; shared by
/// any number of sessions.
class Model {
 public:
  /// Loads, verifies, compiles. Where the bundle has no timing of this machine, it is measured (about a second).
  static std::shared_ptr<const Model> load(const std::filesystem::path& bundle, const ModelOptions& options = {});
  static std::shared_ptr<const Model> make(bundle::Bundle bundle, const ModelOptions& options = {});

  int exits() const { return program_->exits(); }
  const std::vector<std::string>& labels() const { return labels_; }
  const graph::Shape& input_shape() const { return program_->input_shape(); }  ///< [1,C,H,W]
  const Normalization& normalization() const { return normalization_; }
  const plan::BlockTimes& times() const { return times_; }
  Seconds horizon() const { return Seconds(times_.total()); }
  const std::shared_ptr<const exec::Program>& program() const { return program_; }
  /// The bundle's own elastic policy (the predictor fitted on all held-out samples).
  std::unique_ptr<Policy> new_policy() const { return policy_(); }

 private:
  Model() = default;
  std::shared_ptr<const exec::Program> program_;
  std::vector<std::string> labels_;
  Normalization normalization_;
  plan::BlockTimes times_;
  PolicyFactory policy_;
};

}  // namespace einet
