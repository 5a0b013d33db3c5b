#pragma once

#include <array>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/bundle.h"
#include "einet/distribution.h"
#include "einet/plan.h"
#include "einet/policy.h"
#include "policy/publish.h"
#include "predict/combination.h"

namespace einet::eval {

/// The samples that a method is fitted on, and those it is scored on (docs/definitions.md).
enum class Protocol {
  kHeldOut,      ///< Fitted on one half, scored on the other, and vice versa.
  kSameSamples,  ///< The paper's own: fitted and scored on all held-out samples.
};

/// One method of an evaluation: its policy, and which of its answers are published.
struct Method {
  std::string name;
  std::string summary;  ///< One line for tables and pages.
  /// Indexed by the scored half (profile::held_out_half), without which it is fitted under Protocol::kHeldOut.
  std::array<PolicyFactory, 2> policy;
  Publish publish = Publish::kLatest;
  /// Indexed by half, for Publish::kCombined.
  std::array<std::shared_ptr<const predict::CombinationWeights>, 2> weights = {};
};

/// Mean seconds of planning over all exits and both halves.
double mean_planning(const Method& method, int exits);

/// Makes the methods of `einet eval` for one bundle, repeatedly for changing block times (a live evaluation measures
/// them in every round). Compiles the bundle's predictors once.
///
///     einet           the policy of a model: the decision table if it has a gain, else re-planning if that has a
///                     gain, else the best single plan
///     most-confident  the same, but the most confident answer is published instead of the latest
///     combined        the same, but the combined answer of all executed exits is published
///     replan          re-planning with the predictor and its shrinkage
///     paper           EINet as published: raw confidences, Algorithm 2 (m = 3). Predictors of "confidence" only
///     static-optimal  the best single plan for the accuracies of the exits
///     static-25, static-50, static-100
///     threshold       every exit until one is confident enough; the best threshold of the fitted half
///     classic         only the last exit
///
/// combined needs the log-probabilities of the CS-profile and weights (for the held-out protocol those of each half);
/// replan and paper need a fitted predictor (for the held-out protocol one for each half); otherwise they are left
/// out.
class MethodBuilder {
 public:
  /// `bundle` must outlive the builder. `program` is the network as it runs on this machine, for measuring the planning
  /// costs of `paper`; null = compiled when needed, with default implementations. Throws kNotFound (with the command
  /// that measures it) if the bundle has no CS-profile.
  explicit MethodBuilder(const bundle::Bundle& bundle, Protocol protocol = Protocol::kHeldOut,
                         std::string planner = "exact", std::shared_ptr<const exec::Program> program = nullptr);
  ~MethodBuilder();

  /// `times.planning` is the planning cost of `einet` (that of bundle::select_timing()). The cost of `paper` is
  /// measured in the first call (about half a second) and cached.
  std::vector<Method> build(const plan::BlockTimes& times,
                            const std::shared_ptr<const plan::ExitTimeDistribution>& distribution);
  /// Only those with one of these names, in the order of the list above.
  std::vector<Method> build(const plan::BlockTimes& times,
                            const std::shared_ptr<const plan::ExitTimeDistribution>& distribution,
                            std::span<const std::string_view> names);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace einet::eval
