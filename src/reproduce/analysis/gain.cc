// How much per-sample planning gains over a single plan, one condition at a time.
//
// The experiments behind "Why the gain differs" (docs/reproduction.md). They use the parts of `einet eval`: policies,
// beliefs, simulation; for the default conditions with the planning cost of the method `paper`, the same values come
// out. What is changed is always one of: the times, the profile, what the scores mean, who predicts them, which samples
// are fitted on, what is compared with.

#include "reproduce/analysis/gain.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "einet/distribution.h"
#include "einet/error.h"
#include "einet/planner.h"
#include "einet/policy.h"
#include "policy/decision_fit.h"
#include "policy/decisions.h"
#include "policy/elastic.h"
#include "policy/simulate.h"
#include "predict/predictor.h"
#include "reproduce/analysis/last_confidence.h"

namespace einet::reproduce {
namespace {

using Predictor = std::shared_ptr<const predict::Predictor>;
using Distribution = std::shared_ptr<const plan::ExitTimeDistribution>;

std::vector<double> mean_confidences(const profile::CsProfile& samples, double temperature) {
  std::vector<double> means(samples.exits);
  for (int exit = 0; exit < samples.exits; ++exit) {
    for (int i = 0; i < samples.samples(); ++i) {
      means[exit] += with_temperature(samples.confidence_at(i, exit), temperature);
    }
    means[exit] /= std::max(1, samples.samples());
  }
  return means;
}

predict::Curve temperature_curve(double temperature) {
  predict::Curve curve;
  constexpr int kKnots = 200;
  for (int k = 0; k <= kKnots; ++k) {
    curve.score.push_back(static_cast<double>(k) / kKnots);
    curve.probability.push_back(with_temperature(curve.score.back(), temperature));
  }
  return curve;
}

/// Curve from confidence to being right, of each exit.
std::vector<predict::Curve> seen_curves(const profile::CsProfile& samples) {
  std::vector<predict::Curve> curves;
  std::vector<float> scores(samples.samples());
  std::vector<std::uint8_t> right(samples.samples());
  for (int exit = 0; exit < samples.exits; ++exit) {
    for (int i = 0; i < samples.samples(); ++i) {
      scores[i] = samples.confidence_at(i, exit);
      right[i] = samples.right(i, exit);
    }
    curves.push_back(predict::fit_isotonic(scores, right));
  }
  return curves;
}

/// The first samples of a half, at most `most`.
std::vector<int> scored_samples(int samples, int half, int most) {
  std::vector<int> rows = profile::held_out_half(samples, half);
  if (static_cast<int>(rows.size()) > most) rows.resize(most);
  return rows;
}

}  // namespace

/// What one half is scored with.
struct GainExperiment::Side {
  profile::CsProfile fitted;
  std::vector<double> accuracies;
  std::optional<predict::BeliefParameters> bundle_beliefs;
  Predictor bundle_predictor;
  Predictor by_confidence, by_correctness;  ///< fit_last_confidence().
  std::vector<predict::Curve> seen;

  Side(profile::CsProfile samples, const std::optional<bundle::Fit>& fit) : fitted(std::move(samples)) {
    accuracies = fitted.accuracies();
    seen = seen_curves(fitted);
    by_confidence = fit_last_confidence(fitted, false);
    by_correctness = fit_last_confidence(fitted, true);
    if (!fit || fit->beliefs.target != "confidence") return;
    bundle_beliefs = fit->beliefs;
    bundle_predictor = predict::onnx_predictor(fit->predictor);
  }
};

struct GainExperiment::Shared {
  profile::CsProfile profile;
  std::array<profile::CsProfile, 2> scored;  ///< By half.
  std::vector<Side> held_out;                ///< By the half that is scored; fitted on the other.
  std::unique_ptr<Side> same_samples;
};

GainExperiment::GainExperiment(profile::CsProfile profile, plan::BlockTimes times, const bundle::Bundle* bundle,
                               int samples)
    : times_(std::move(times)) {
  times_.planning.clear();
  auto shared = std::make_shared<Shared>();
  shared->profile = std::move(profile);
  const profile::CsProfile& all = shared->profile;
  if (all.samples() < 2) throw Error(ErrorKind::kInvalidData, "CS-profile", "needs at least two samples");
  const std::optional<bundle::Fit> none;
  for (int half = 0; half < 2; ++half) {
    shared->scored[half] = all.rows(scored_samples(all.samples(), half, std::max(1, samples / 2)));
    shared->held_out.emplace_back(all.rows(profile::held_out_half(all.samples(), 1 - half)),
                                  bundle != nullptr ? bundle->folds[1 - half] : none);
  }
  shared->same_samples = std::make_unique<Side>(all, bundle != nullptr ? bundle->fit : none);
  shared_ = std::move(shared);
}

GainExperiment::GainExperiment(std::shared_ptr<const Shared> shared, plan::BlockTimes times)
    : shared_(std::move(shared)), times_(std::move(times)) {
  times_.planning.clear();
}

GainExperiment::~GainExperiment() = default;
GainExperiment::GainExperiment(GainExperiment&&) noexcept = default;

GainExperiment GainExperiment::with_times(plan::BlockTimes times) const {
  return GainExperiment(shared_, std::move(times));
}

const profile::CsProfile& GainExperiment::profile() const { return shared_->profile; }

namespace {

/// Beliefs that turn scores into what the planner uses; the prior is their mean over the fitted samples.
predict::BeliefParameters identity_beliefs(std::vector<double> prior) {
  predict::BeliefParameters beliefs;
  beliefs.shrinkage = 1.0;
  beliefs.seen.resize(prior.size());
  beliefs.predicted.resize(prior.size());
  beliefs.prior = std::move(prior);
  return beliefs;
}

plan::ExitPlan best_evenly_spaced(const plan::BlockTimes& times, const plan::ExitTimeDistribution& distribution,
                                  const std::vector<double>& accuracies) {
  plan::ExitPlan best;
  double most = -1.0;
  for (const double share : {0.25, 0.5, 1.0}) {
    const plan::ExitPlan plan = plan::static_plan(times.exits(), share);
    const double value = plan::expectation(times, distribution, accuracies, plan);
    if (value <= most) continue;
    most = value;
    best = plan;
  }
  return best;
}

/// Scores of both halves one after the other.
void append(std::vector<double>& all, const std::vector<double>& half) {
  all.insert(all.end(), half.begin(), half.end());
}

}  // namespace

Gain GainExperiment::gain(const Conditions& conditions) const {
  const Distribution distribution = plan::uniform_distribution(times_.total());
  plan::BlockTimes paid = times_;
  if (conditions.planning_seconds > 0.0) paid.planning.assign(paid.conv.size(), conditions.planning_seconds);
  std::vector<double> planned, single;
  for (int half = 0; half < 2; ++half) {
    const Side& side = conditions.same_samples ? *shared_->same_samples : shared_->held_out[half];
    const profile::CsProfile& scored = shared_->scored[half];
    const double temperature = conditions.scale == Scale::kTemperature ? conditions.temperature : 1.0;

    Predictor predictor = side.bundle_predictor;
    Foresight foresight(scored);
    if (conditions.prediction == Prediction::kLastConfidence) {
      predictor = conditions.scale == Scale::kProbability ? side.by_correctness : side.by_confidence;
    } else if (conditions.prediction == Prediction::kForesight) {
      predictor = foresight.clone();
    } else if (!predictor) {
      throw Error(ErrorKind::kNotFound, "predictor", "the bundle has none of confidences for both halves");
    }
    auto beliefs = std::make_shared<predict::BeliefParameters>(identity_beliefs(
        conditions.scale == Scale::kProbability ? side.accuracies : mean_confidences(side.fitted, temperature)));
    if (conditions.scale == Scale::kTemperature) {
      const predict::Curve curve = temperature_curve(temperature);
      std::ranges::fill(beliefs->seen, curve);
      std::ranges::fill(beliefs->predicted, curve);
    } else if (conditions.scale == Scale::kProbability) {
      beliefs->seen = side.seen;
      if (conditions.prediction == Prediction::kBundle) beliefs->predicted = side.bundle_beliefs->predicted;
      if (conditions.prediction == Prediction::kForesight) beliefs->predicted = side.seen;
    }
    const auto policy = elastic_policies(beliefs, predictor, paid, distribution,
                                         {.planner = conditions.planner, .counts_planning = false})();
    policy::Simulation simulation(*policy, Publish::kLatest, scored, times_);
    for (int sample = 0; sample < scored.samples(); ++sample) {
      foresight.set_sample(sample);
      planned.push_back(policy::score(simulation.run(sample), *distribution));
    }
    append(single, single_scores(side, scored, conditions.baseline));
  }
  return {policy::estimate(planned), policy::estimate(single), policy::paired_difference(planned, single)};
}

Gain GainExperiment::decision_gain() const {
  const Distribution distribution = plan::uniform_distribution(times_.total());
  std::vector<double> planned, single;
  for (int half = 0; half < 2; ++half) {
    const profile::CsProfile& scored = shared_->scored[half];
    auto table = policy::checked_decisions(shared_->held_out[half].fitted, times_, distribution).table;
    const plan::ExitPlan population = table.population;
    const auto policy = decision_policy(std::make_shared<const plan::DecisionTable>(std::move(table)),
                                        distribution->horizon(), fixed_policy(population));
    append(planned, policy::simulate(*policy, Publish::kLatest, scored, times_, *distribution));
    append(single, single_scores(shared_->held_out[half], scored, Baseline::kOptimal));
  }
  return {policy::estimate(planned), policy::estimate(single), policy::paired_difference(planned, single)};
}

Gain GainExperiment::oracle_gain(Baseline baseline) const {
  const Distribution distribution = plan::uniform_distribution(times_.total());
  std::vector<double> planned, single;
  for (int half = 0; half < 2; ++half) {
    append(planned, policy::simulate_oracle(shared_->scored[half], times_, distribution));
    append(single, single_scores(shared_->held_out[half], shared_->scored[half], baseline));
  }
  return {policy::estimate(planned), policy::estimate(single), policy::paired_difference(planned, single)};
}

std::vector<double> GainExperiment::single_scores(const Side& side, const profile::CsProfile& scored,
                                                  Baseline baseline) const {
  const Distribution distribution = plan::uniform_distribution(times_.total());
  plan::ExitPlan plan;
  if (baseline == Baseline::kEvenlySpaced) {
    plan = best_evenly_spaced(times_, *distribution, side.accuracies);
  } else {
    const auto planner = plan::make_planner("exact", times_, distribution);
    plan = planner->plan(baseline == Baseline::kOptimal ? side.accuracies : mean_confidences(side.fitted, 1.0)).plan;
  }
  const auto policy = fixed_policy(plan);
  return policy::simulate(*policy, Publish::kLatest, scored, times_, *distribution);
}

double with_temperature(double confidence, double temperature) {
  if (temperature == 1.0 || confidence <= 0.0 || confidence >= 1.0) return std::clamp(confidence, 0.0, 1.0);
  return 1.0 / (1.0 + std::pow((1.0 - confidence) / confidence, 1.0 / temperature));
}

double calibrating_temperature(const profile::CsProfile& profile) {
  const auto mean = [](const std::vector<double>& values) {
    double sum = 0.0;
    for (const double value : values) sum += value;
    return sum / static_cast<double>(values.size());
  };
  const double accuracy = mean(profile.accuracies());
  const auto excess = [&](double temperature) { return mean(mean_confidences(profile, temperature)) - accuracy; };
  double low = 0.05, high = 20.0;
  if (!(excess(low) > 0.0 && excess(high) < 0.0)) return 1.0;
  for (int step = 0; step < 40; ++step) {  // Confidences above 1/2 fall with the temperature, and most are.
    const double middle = std::sqrt(low * high);
    (excess(middle) > 0.0 ? low : high) = middle;
  }
  return std::sqrt(low * high);
}

}  // namespace einet::reproduce
