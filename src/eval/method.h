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

/// Which samples a method was fitted on, and which it is scored on (docs/definitions.md).
enum class Protocol {
  kHeldOut,      ///< Fitted on one half, scored on the other, both directions.
  kSameSamples,  ///< The paper's own: fitted and scored on all held-out samples.
};

/// One method of an evaluation: its policy, and which of its answers it shows.
struct Method {
  std::string name;
  std::string summary;  ///< One line for tables and pages.
  /// By the half (profile::held_out_half) that is scored; each was fitted without it under Protocol::kHeldOut.
  std::array<PolicyFactory, 2> policy;
  Publish publish = Publish::kLatest;
  /// By half, for Publish::kCombined.
  std::array<std::shared_ptr<const predict::CombinationWeights>, 2> weights = {};
};

/// Makes the methods of `einet eval` for one bundle, repeatedly for changing block times (a live evaluation measures
/// them in every round). Compiles the bundle's predictors once.
///
///     einet           the policy of a model: the decision table if it has a gain, else re-planning if that has a
///                     gain, else the best single plan
///     most-confident  the same, but the most confident answer is shown instead of the latest
///     combined        the same, but the combined answer of all executed exits is shown
///     replan          re-planning by the predictor, as far as its shrinkage allows
///     paper           EINet as published: raw confidences, Algorithm 2 (m = 3). Predictors of "confidence" only
///     static-optimal  the best single plan for the accuracies of the exits
///     static-25, static-50, static-100
///     threshold       every exit until one is confident enough; the best threshold of the fitted half
///     classic         only the last exit
///
/// combined needs the log-probabilities of the CS-profile and weights (for the held-out protocol those of each half);
/// replan and paper need a fitted predictor (for the held-out protocol one for each half); without it they are left
/// out.
class MethodBuilder {
 public:
  /// `bundle` must outlive the builder. `program` is the network as it runs here, for measuring the planning costs
  /// of `paper`; null = it is compiled when needed, with the default implementations. Throws kNotFound (naming what to
  /// run) when the bundle has no CS-profile.
  explicit MethodBuilder(const bundle::Bundle& bundle, Protocol protocol = Protocol::kHeldOut,
                         std::string planner = "exact", std::shared_ptr<const exec::Program> program = nullptr);
  ~MethodBuilder();

  /// `times.planning` is the planning cost of `einet` (that of bundle::select_timing()). The cost of `paper` is
  /// measured by the first call (about half a second) and kept.
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
