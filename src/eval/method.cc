#include "eval/method.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "einet/planner.h"
#include "exec/program.h"
#include "measure/planning_cost.h"
#include "policy/decision_fit.h"
#include "policy/decisions.h"
#include "policy/elastic.h"
#include "policy/estimate.h"
#include "policy/simulate.h"
#include "predict/predictor.h"
#include "profile/cs_profile.h"

namespace einet::eval {
namespace {

/// The data that methods are fitted on when one half is scored.
struct Fitted {
  profile::CsProfile samples;  ///< The samples for fitting.
  std::vector<double> accuracies;
  // Null if the bundle has no predictor fitted on them.
  std::shared_ptr<const predict::BeliefParameters> beliefs;
  std::shared_ptr<const predict::BeliefParameters> raw;  ///< The paper's: uncalibrated confidences.
  std::shared_ptr<const predict::Predictor> predictor;

  Fitted(const std::optional<bundle::Fit>& fit, profile::CsProfile fitted) : samples(std::move(fitted)) {
    accuracies = samples.accuracies();
    if (!fit) return;
    beliefs = std::make_shared<predict::BeliefParameters>(fit->beliefs);
    predictor = predict::onnx_predictor(fit->predictor);
    auto paper = std::make_shared<predict::BeliefParameters>();
    paper->shrinkage = 1.0;
    paper->seen.resize(samples.exits);
    paper->predicted.resize(samples.exits);
    for (int exit = 0; exit < samples.exits; ++exit) {
      double confidence = 0.0;
      for (int sample = 0; sample < samples.samples(); ++sample) confidence += samples.confidence_at(sample, exit);
      paper->prior.push_back(confidence / std::max(1, samples.samples()));
    }
    raw = std::move(paper);
  }
};

using Distribution = std::shared_ptr<const plan::ExitTimeDistribution>;

PolicyFactory fixed(const plan::ExitPlan& plan) {
  return [plan] { return fixed_policy(plan); };
}

/// The threshold with the best score on the fitted samples; 1.01 never stops.
float best_threshold(const profile::CsProfile& fitted, const plan::BlockTimes& times,
                     const plan::ExitTimeDistribution& distribution) {
  float best = 1.01f;
  double best_score = -1.0;
  for (const float threshold :
       {1.01f, 0.9999f, 0.999f, 0.998f, 0.995f, 0.99f, 0.98f, 0.97f, 0.95f, 0.925f, 0.9f, 0.875f,
        0.85f, 0.8f,    0.75f,  0.7f,   0.65f,  0.6f,  0.5f,  0.4f,  0.3f,  0.2f,   0.0f}) {
    const auto policy = threshold_policy(fitted.exits, threshold);
    const double score =
        policy::estimate(policy::simulate(*policy, Publish::kLatest, fitted, times, distribution)).mean;
    if (score > best_score) {
      best_score = score;
      best = threshold;
    }
  }
  return best;
}

}  // namespace

struct MethodBuilder::Impl {
  const bundle::Bundle& bundle;
  std::string planner;
  int exits = 0;
  std::vector<Fitted> fitted;                    ///< Indexed by the scored half.
  std::shared_ptr<const exec::Program> program;  ///< As given, otherwise compiled when planning is first measured.
  /// Weights of combined answers, by half; null if they are left out.
  std::array<std::shared_ptr<const predict::CombinationWeights>, 2> weights;
  std::array<std::vector<double>, 2> paper_seconds;  ///< Planning costs of the paper's method, by half.

  PolicyFactory replan(int half, const plan::BlockTimes& times, const Distribution& distribution) const {
    const Fitted& side = fitted[half];
    return elastic_policies(side.beliefs, side.predictor, times, distribution, {.planner = planner});
  }

  /// The policy of a model: its decision table if there is one with a gain, else the predictor's beliefs.
  PolicyFactory einet(int half, const plan::BlockTimes& times, const Distribution& distribution) const {
    const Fitted& side = fitted[half];
    PolicyFactory otherwise;
    if (side.beliefs) {
      otherwise = replan(half, times, distribution);
    } else {
      const auto best = plan::make_planner(planner, times, distribution);
      otherwise = fixed(best->plan(side.accuracies).plan);
    }
    if (planner != "exact") return otherwise;
    auto table = policy::checked_decisions(side.samples, times, distribution).table;
    return with_decisions(std::make_shared<const plan::DecisionTable>(std::move(table)), distribution->horizon(),
                          std::move(otherwise));
  }

  /// As published: raw confidences, hybrid search, and planning costs that are charged but not planned for.
  PolicyFactory paper(int half, plan::BlockTimes times, const Distribution& distribution) {
    const Fitted& side = fitted[half];
    const auto make = [&] {
      return elastic_policies(
          side.raw, side.predictor, times, distribution,
          {.planner = "hybrid-all", .planner_options = {.hybrid_outputs = 3}, .counts_planning = false});
    };
    times.planning.clear();
    if (paper_seconds[half].empty()) {
      if (!program) program = exec::compile(bundle.graph);
      paper_seconds[half] = measure::measure_planning(*make()(), *program, side.samples);
    }
    times.planning = paper_seconds[half];
    return make();
  }
};

MethodBuilder::MethodBuilder(const bundle::Bundle& bundle, Protocol protocol, std::string planner,
                             std::shared_ptr<const exec::Program> program)
    : impl_(std::make_unique<Impl>(Impl{.bundle = bundle,
                                        .planner = std::move(planner),
                                        .exits = bundle.exits(),
                                        .fitted = {},
                                        .program = std::move(program),
                                        .weights = {},
                                        .paper_seconds = {}})) {
  const profile::CsProfile& all = bundle.measured_confidences();
  const bool whole = protocol == Protocol::kSameSamples;
  for (int scored = 0; scored < 2; ++scored) {
    const auto& weights = whole ? bundle.combination : bundle.fold_combinations[1 - scored];
    if (weights && all.has_log_probabilities()) {
      impl_->weights[scored] = std::make_shared<const predict::CombinationWeights>(*weights);
    }
    impl_->fitted.emplace_back(whole ? bundle.fit : bundle.folds[1 - scored],
                               whole ? all : all.rows(profile::held_out_half(all.samples(), 1 - scored)));
  }
}

MethodBuilder::~MethodBuilder() = default;

std::vector<Method> MethodBuilder::build(const plan::BlockTimes& times, const Distribution& distribution) {
  return build(times, distribution, {});
}

std::vector<Method> MethodBuilder::build(const plan::BlockTimes& times, const Distribution& distribution,
                                         std::span<const std::string_view> names) {
  const int exits = impl_->exits;
  std::vector<Method> methods;
  /// `make` returns the policy for the scored half.
  const auto add = [&](const std::string& name, const std::string& summary, Publish publish, const auto& make) {
    if (!names.empty() && std::ranges::find(names, name) == names.end()) return;
    Method method{.name = name, .summary = summary, .policy = {}, .publish = publish};
    for (const int half : {0, 1}) method.policy[half] = make(half);
    methods.push_back(std::move(method));
  };
  const bool predicts =
      std::ranges::all_of(impl_->fitted, [](const Fitted& side) { return side.predictor != nullptr; });
  std::array<PolicyFactory, 2> einet;  // Shared by several methods, because fitting is slow.
  const auto einet_of = [&](int half) {
    if (!einet[half]) einet[half] = impl_->einet(half, times, distribution);
    return einet[half];
  };
  add("einet", "decides after each answer if that improves on the best single plan", Publish::kLatest, einet_of);
  add("most-confident", "einet, publishing its most confident answer so far", Publish::kMostConfident, einet_of);
  const auto& weights = impl_->weights;
  if (weights[0] && weights[1]) {
    add("combined", "einet, combining the answers of all executed exits", Publish::kCombined, einet_of);
    for (Method& method : methods) {  // None if it was not asked for.
      if (method.publish == Publish::kCombined) method.weights = weights;
    }
  }
  if (predicts) {
    add("replan", "re-plans every run if the predictor improves on the mean", Publish::kLatest,
        [&](int half) { return impl_->replan(half, times, distribution); });
  }
  if (predicts && impl_->fitted[0].beliefs->target == "confidence") {
    add("paper", "EINet as published: raw confidences, hybrid search", Publish::kLatest,
        [&](int half) { return impl_->paper(half, times, distribution); });
  }
  plan::BlockTimes block_times = times;
  block_times.planning.clear();
  add("static-optimal", "the best single plan for the accuracies of the exits", Publish::kLatest, [&](int half) {
    const auto planner = plan::make_planner("exact", block_times, distribution);
    return fixed(planner->plan(impl_->fitted[half].accuracies).plan);
  });
  for (const int percent : {25, 50, 100}) {
    add("static-" + std::to_string(percent), std::to_string(percent) + " % of the exits, evenly spaced",
        Publish::kLatest, [&](int) { return fixed(plan::static_plan(exits, percent / 100.0)); });
  }
  add("threshold", "every exit until one is confident enough", Publish::kLatest, [&](int half) -> PolicyFactory {
    const float threshold = best_threshold(impl_->fitted[half].samples, times, *distribution);
    return [exits, threshold] { return threshold_policy(exits, threshold); };
  });
  plan::ExitPlan last(exits);
  last.insert(exits - 1);
  add("classic", "an ordinary network: only the last exit", Publish::kLatest, [&](int) { return fixed(last); });
  return methods;
}

double mean_planning(const Method& method, int exits) {
  double sum = 0.0;
  for (const PolicyFactory& factory : method.policy) {
    const auto policy = factory();
    for (int exit = 0; exit < exits; ++exit) sum += policy->planning_seconds(exit);
  }
  return sum / static_cast<double>(method.policy.size() * static_cast<std::size_t>(exits));
}

}  // namespace einet::eval
