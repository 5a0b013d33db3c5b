#include "einet/eval/method.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "einet/core/error.h"
#include "einet/eval/simulate.h"
#include "einet/exec/program.h"
#include "einet/plan/planner.h"
#include "einet/predict/predictor.h"
#include "einet/profile/cs_profile.h"
#include "einet/runtime/planning_cost.h"

namespace einet::eval {
namespace {

plan::BlockTimes with_planning(plan::BlockTimes times, std::vector<double> planning) {
  times.planning = std::move(planning);
  return times;
}

/// What a method may go by when one half is scored.
struct Fitted {
  profile::CsProfile samples;  ///< The samples that it is fitted on.
  std::vector<double> accuracies;
  // Null where the bundle has no predictor fitted on them.
  std::shared_ptr<const predict::BeliefParameters> beliefs;
  std::shared_ptr<const predict::BeliefParameters> raw;  ///< The paper's: confidences as they are.
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

/// The threshold that scores best on the fitted samples; 1.01 never stops.
float best_threshold(const profile::CsProfile& fitted, const plan::BlockTimes& times,
                     const plan::ExitTimeDistribution& distribution) {
  float best = 1.01f;
  double best_score = -1.0;
  for (const float threshold :
       {1.01f, 0.9999f, 0.999f, 0.998f, 0.995f, 0.99f, 0.98f, 0.97f, 0.95f, 0.925f, 0.9f, 0.875f,
        0.85f, 0.8f,    0.75f,  0.7f,   0.65f,  0.6f,  0.5f,  0.4f,  0.3f,  0.2f,   0.0f}) {
    const auto policy = threshold_policy(fitted.exits, threshold);
    const double score = estimate(simulate(*policy, Publish::kLatest, fitted, times, {}, distribution)).mean;
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
  std::vector<Fitted> fitted;                           ///< By the half that is scored.
  std::shared_ptr<const exec::Program> program;         ///< As given, else compiled when planning is first measured.
  std::map<std::string, std::vector<double>> measured;  ///< Planning cost by method and half.

  /// r_i of a policy, measured on the samples it was fitted on; empty when it does not re-plan.
  std::vector<double> planning_of(const std::string& name, int half, const PolicyFactory& factory) {
    const auto policy = factory();
    if (!policy->replans()) return {};
    const auto [entry, is_new] = measured.try_emplace(name + std::to_string(half));
    if (is_new) {
      if (!program) program = exec::compile(bundle.graph);
      entry->second = measure_planning(*policy, *program, fitted[half].samples);
    }
    return entry->second;
  }

  /// einet for one half, and what its planning costs.
  std::pair<PolicyFactory, std::vector<double>> elastic(int half, const plan::BlockTimes& times,
                                                        const Distribution& distribution) {
    const Fitted& side = fitted[half];
    std::vector<double> planning = times.planning;
    if (planning.empty()) {
      planning =
          planning_of("einet", half, elastic_policies(side.beliefs, side.predictor, planner, times, distribution));
    }
    if (side.beliefs->shrinkage == 0.0) planning.clear();
    return {elastic_policies(side.beliefs, side.predictor, planner, with_planning(times, planning), distribution),
            planning};
  }
};

MethodBuilder::MethodBuilder(const bundle::Bundle& bundle, Protocol protocol, std::string planner,
                             std::shared_ptr<const exec::Program> program)
    : impl_(std::make_unique<Impl>(Impl{.bundle = bundle,
                                        .planner = std::move(planner),
                                        .exits = bundle.exits(),
                                        .fitted = {},
                                        .program = std::move(program),
                                        .measured = {}})) {
  const profile::CsProfile& all = bundle.measured_confidences();
  const bool whole = protocol == Protocol::kSameSamples;
  for (int scored = 0; scored < 2; ++scored) {
    impl_->fitted.emplace_back(whole ? bundle.fit : bundle.folds[1 - scored],
                               whole ? all : all.rows(profile::held_out_half(all.samples(), 1 - scored)));
  }
}

MethodBuilder::~MethodBuilder() = default;

std::vector<Method> MethodBuilder::build(const plan::BlockTimes& times, const Distribution& distribution) {
  const int exits = impl_->exits;
  const plan::BlockTimes free_planning = with_planning(times, {});
  std::vector<Method> methods;
  /// `make` gives the policy for the half that is scored, and its planning cost.
  const auto add = [&](std::string name, std::string summary, Publish publish, const auto& make) {
    Method method{
        .name = std::move(name), .summary = std::move(summary), .policy = {}, .publish = publish, .planning = {}};
    for (int half = 0; half < 2; ++half) {
      std::tie(method.policy[half], method.planning[half]) = make(half);
    }
    methods.push_back(std::move(method));
  };
  using Made = std::pair<PolicyFactory, std::vector<double>>;

  const bool predicts =
      std::ranges::all_of(impl_->fitted, [](const Fitted& side) { return side.predictor != nullptr; });
  if (predicts) {
    add("einet", "re-plans every run as far as its predictor improves on the mean", Publish::kLatest,
        [&](int half) { return impl_->elastic(half, times, distribution); });
    Method surest = methods.back();
    surest.name = "most-confident";
    surest.summary = "einet, publishing its most confident answer so far";
    surest.publish = Publish::kMostConfident;
    methods.push_back(std::move(surest));
  }
  if (predicts && impl_->fitted[0].beliefs->target == "confidence") {
    add("paper", "EINet as published: raw confidences, hybrid search", Publish::kLatest, [&](int half) -> Made {
      const Fitted& side = impl_->fitted[half];
      const PolicyFactory policy =
          elastic_policies(side.raw, side.predictor, "hybrid", free_planning, distribution, {.hybrid_outputs = 3});
      return {policy, impl_->planning_of("paper", half, policy)};
    });
  }
  add("static-optimal", "the best single plan for the accuracies of the exits", Publish::kLatest,
      [&](int half) -> Made {
        const auto planner = plan::make_planner("exact", free_planning, distribution);
        return {fixed(planner->plan(impl_->fitted[half].accuracies).plan), {}};
      });
  for (const int percent : {25, 50, 100}) {
    add("static-" + std::to_string(percent), std::to_string(percent) + " % of the exits, evenly spaced",
        Publish::kLatest, [&](int) -> Made {
          return {fixed(plan::static_plan(exits, percent / 100.0)), {}};
        });
  }
  add("threshold", "every exit until one is confident enough", Publish::kLatest, [&](int half) -> Made {
    const float threshold = best_threshold(impl_->fitted[half].samples, free_planning, *distribution);
    return {[exits, threshold] { return threshold_policy(exits, threshold); }, {}};
  });
  plan::ExitPlan last(exits);
  last.insert(exits - 1);
  add("classic", "an ordinary network: only the last exit", Publish::kLatest, [&](int) -> Made {
    return {fixed(last), {}};
  });
  return methods;
}

}  // namespace einet::eval
