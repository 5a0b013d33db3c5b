#include "fit/beliefs.h"

#include <algorithm>
#include <random>

#include "einet/error.h"

namespace einet::fit {
namespace {

/// Scores and whether the exit was right, collected for one curve.
struct Observations {
  std::vector<float> scores;
  std::vector<std::uint8_t> right;

  void add(double score, bool right_answer) {
    scores.push_back(static_cast<float>(score));
    right.push_back(right_answer);
  }
};

/// A random set of exits executed in a run up to `last`: all of them in half of the draws, otherwise each earlier one
/// with a probability drawn for the run.
plan::ExitPlan draw_executed(int exits, int last, std::mt19937_64& random) {
  plan::ExitPlan executed(exits);
  std::uniform_real_distribution<double> unit;
  const double probability = unit(random) < 0.5 ? 1.0 : unit(random);
  for (int k = 0; k < last; ++k) {
    if (unit(random) < probability) executed.insert(k);
  }
  executed.insert(last);
  return executed;
}

std::vector<predict::Curve> fit_predicted(const profile::CsProfile& profile, predict::Predictor& predictor,
                                          const BeliefOptions& options) {
  const int exits = profile.exits;
  std::vector<Observations> observations(exits);
  std::vector<double> scores(exits);
  std::mt19937_64 random(options.seed);
  std::uniform_int_distribution<int> any_but_last(0, std::max(0, exits - 2));
  for (int sample = 0; sample < profile.samples() && exits > 1; ++sample) {
    for (int draw = 0; draw < options.draws_per_sample; ++draw) {
      const int last = any_but_last(random);
      const plan::ExitPlan executed = draw_executed(exits, last, random);
      predictor.predict(profile.confidences(sample), executed, last, scores);
      for (int j = last + 1; j < exits; ++j) observations[j].add(scores[j], profile.right(sample, j));
    }
  }
  std::vector<predict::Curve> curves;
  for (const Observations& at : observations)
    curves.push_back(predict::fit_isotonic(at.scores, at.right, options.max_knots));
  return curves;
}

void check_target(const std::string& target) {
  if (target == "confidence" || target == "correctness") return;
  throw Error(ErrorKind::kUsage, "target '" + target + "'", "expected 'confidence' or 'correctness'");
}

void check_exits(const profile::CsProfile& profile, const predict::Predictor& predictor) {
  if (profile.exits == predictor.exits()) return;
  throw Error(
      ErrorKind::kInvalidData, "predictor",
      "predicts " + std::to_string(predictor.exits()) + " exits, the profile has " + std::to_string(profile.exits));
}

}  // namespace

double target_value(const profile::CsProfile& profile, int sample, int exit, const std::string& target) {
  if (target == "correctness") return profile.right(sample, exit) ? 1.0 : 0.0;
  return profile.confidence_at(sample, exit);
}

std::vector<double> target_means(const profile::CsProfile& profile, const std::string& target) {
  check_target(target);
  std::vector<double> means(profile.exits);
  for (int exit = 0; exit < profile.exits; ++exit) {
    for (int sample = 0; sample < profile.samples(); ++sample)
      means[exit] += target_value(profile, sample, exit, target);
    means[exit] /= profile.samples();
  }
  return means;
}

predict::BeliefParameters fit_beliefs(const profile::CsProfile& profile, predict::Predictor& predictor,
                                      const BeliefOptions& options) {
  check_target(options.target);
  check_exits(profile, predictor);
  profile.validate("profile");
  if (!(options.shrinkage >= 0.0 && options.shrinkage <= 1.0)) {
    throw Error(ErrorKind::kUsage, "shrinkage", std::to_string(options.shrinkage) + " is outside 0 to 1");
  }
  predict::BeliefParameters parameters;
  parameters.target = options.target;
  parameters.shrinkage = options.shrinkage;
  parameters.prior = profile.accuracies();
  for (int exit = 0; exit < profile.exits; ++exit) {
    Observations observations;
    for (int sample = 0; sample < profile.samples(); ++sample) {
      observations.add(profile.confidence_at(sample, exit), profile.right(sample, exit));
    }
    parameters.seen.push_back(predict::fit_isotonic(observations.scores, observations.right, options.max_knots));
  }
  parameters.predicted = fit_predicted(profile, predictor, options);
  return parameters;
}

}  // namespace einet::fit
