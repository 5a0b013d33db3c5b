// Fits the beliefs of the method `einet`; no fit is evaluated on samples it was made on.
//
// Three fits are made, on half 0, on half 1 and on all held-out samples. Each consists of a predictor, curves that turn
// scores into probabilities, and a shrinkage. The first two are fitted on the samples directly. The shrinkage is not:
// a predictor is too accurate on its own training samples, and a choice based on them would always be 1.
//
// So each fit halves its samples again, trains a predictor on each half and scores every shrinkage on the other half
// (2-fold cross-validation by exact simulation, which charges for planning). The inner halves of the fit on all samples
// are half 0 and half 1, whose predictors already exist: 7 predictors are trained, not 9.
//
// The optimiser's curse (docs/definitions.md): the best of ten noisy gains is above zero even when all true gains are
// zero. Hence one standard error of the paired difference is subtracted from every gain; if no gain remains, the
// shrinkage is 0.

#include "fit/shrinkage.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "einet/distribution.h"
#include "einet/error.h"
#include "einet/planner.h"
#include "exec/program.h"
#include "fit/beliefs.h"
#include "fit/remembering_predictor.h"
#include "measure/planning_cost.h"
#include "policy/elastic.h"
#include "policy/simulate.h"
#include "predict/predictor.h"

namespace einet::fit {
namespace {

/// A fit, whose shrinkage is yet to be chosen, and its samples.
struct Fitted {
  bundle::Fit fit;
  profile::CsProfile samples;
  std::shared_ptr<const predict::Predictor> predictor;
  std::shared_ptr<const predict::Predictor> remembering;  ///< The same for simulations, where its time does not count.
};

/// What all fits of one fit_bundle() share.
struct Context {
  const PredictorTrainer& trainer;
  const plan::BlockTimes& times;
  const FitOptions& options;
  std::shared_ptr<const plan::ExitTimeDistribution> distribution;
  std::shared_ptr<const exec::Program> program;  ///< For measuring the cost of planning; null if that is given.

  Fitted fit(profile::CsProfile samples) const {
    Fitted result;
    result.fit.predictor = trainer(samples);
    std::unique_ptr<predict::Predictor> predictor = predict::onnx_predictor(result.fit.predictor);
    result.fit.beliefs = fit_beliefs(samples, *predictor, {.target = options.target});
    result.remembering = remembering_predictor(predictor->clone());
    result.predictor = std::move(predictor);
    result.samples = std::move(samples);
    return result;
  }

  std::unique_ptr<Policy> policy_of(const Fitted& fitted, const std::shared_ptr<const predict::Predictor>& predictor,
                                    double shrinkage, const plan::BlockTimes& charged) const {
    auto beliefs = std::make_shared<predict::BeliefParameters>(fitted.fit.beliefs);
    beliefs->shrinkage = shrinkage;
    return elastic_policies(beliefs, predictor, charged, distribution, {.planner = options.planner})();
  }

  /// Scores of `samples` under `fitted` with another shrinkage; the time of re-planning is charged.
  std::vector<double> scores(const Fitted& fitted, double shrinkage, const std::vector<double>& planning,
                             const profile::CsProfile& samples) const {
    plan::BlockTimes charged = times;
    charged.planning = planning;
    const auto policy = policy_of(fitted, fitted.remembering, shrinkage, charged);
    return policy::simulate(*policy, Publish::kLatest, samples, times, *distribution);
  }

  /// From the block times if given there, otherwise measured with the predictor of `fitted`.
  std::vector<double> planning_of(const Fitted& fitted) const {
    if (!times.planning.empty()) return times.planning;
    return measure::measure_planning(*policy_of(fitted, fitted.predictor, 1.0, times), *program, fitted.samples);
  }
};

/// Cross-validation: each of `inner` is scored on the samples of the other. Sets everything except name and samples.
FitReport try_shrinkages(const Context& context, const std::array<const Fitted*, 2>& inner) {
  FitReport report;
  std::array<std::vector<double>, 2> planning;
  for (int k = 0; k < 2; ++k) {
    const profile::CsProfile& held_out = inner[1 - k]->samples;
    planning[k] = context.planning_of(*inner[k]);
    const auto means = target_means(inner[k]->samples, context.options.target);
    const auto errors = predictor_errors(held_out, *inner[k]->predictor->clone(), means, context.options.target);
    report.predictor_error += errors.overall_squared() / 2;
    report.mean_error += errors.overall_mean_squared() / 2;
  }
  report.predictor_error = std::sqrt(report.predictor_error);
  report.mean_error = std::sqrt(report.mean_error);

  std::vector<double> candidates = context.options.shrinkages;
  candidates.push_back(0.0);
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  std::vector<double> baseline;  // Of shrinkage 0, the first candidate.
  for (const double shrinkage : candidates) {
    std::vector<double> scores;
    for (int k = 0; k < 2; ++k) {
      const auto part = context.scores(*inner[k], shrinkage, planning[k], inner[1 - k]->samples);
      scores.insert(scores.end(), part.begin(), part.end());
    }
    if (baseline.empty()) baseline = scores;
    report.trials.push_back({shrinkage, policy::estimate(scores), policy::paired_difference(scores, baseline)});
  }
  double best = 0.0;
  for (const ShrinkageTrial& trial : report.trials) {
    const double lower_bound = trial.gain.mean - trial.gain.standard_error;
    if (lower_bound > best) {
      best = lower_bound;
      report.shrinkage = trial.shrinkage;
    }
  }
  return report;
}

profile::CsProfile half_of(const profile::CsProfile& samples, int half) {
  return samples.rows(profile::held_out_half(samples.samples(), half));
}

}  // namespace

std::vector<FitReport> fit_bundle(bundle::Bundle& bundle, const PredictorTrainer& trainer,
                                  const plan::BlockTimes& times, const FitOptions& options, Progress& progress) {
  const profile::CsProfile& all = bundle.measured_confidences();
  if (all.samples() < 8) {
    throw Error(ErrorKind::kInvalidData, bundle.name,
                "has too few held-out samples: a fit needs at least 8, there are " + std::to_string(all.samples()));
  }
  for (const double shrinkage : options.shrinkages) {
    if (!(shrinkage >= 0.0 && shrinkage <= 1.0)) {
      throw Error(ErrorKind::kUsage, "shrinkage", std::to_string(shrinkage) + " is not between 0 and 1");
    }
  }
  times.validate();
  std::shared_ptr<const exec::Program> program = options.program;
  if (!program && times.planning.empty()) program = exec::compile(bundle.graph);
  const Context context{trainer, times, options, plan::parse_distribution(options.distribution, times.total()),
                        std::move(program)};

  std::int64_t done = 0;
  const auto fit = [&](const profile::CsProfile& samples) {
    Fitted fitted = context.fit(samples);
    progress.update("fit", ++done, 7, std::to_string(samples.samples()) + " samples");
    return fitted;
  };
  const auto finish = [](Fitted& fitted, FitReport report, std::string name) {
    report.name = std::move(name);
    report.samples = fitted.samples.samples();
    fitted.fit.beliefs.shrinkage = report.shrinkage;
    return report;
  };

  std::vector<FitReport> reports;
  std::array<Fitted, 2> folds;
  for (int k = 0; k < 2; ++k) {
    folds[k] = fit(half_of(all, k));
    const Fitted first = fit(half_of(folds[k].samples, 0));
    const Fitted second = fit(half_of(folds[k].samples, 1));
    reports.push_back(finish(folds[k], try_shrinkages(context, {&first, &second}), "fold " + std::to_string(k)));
  }
  Fitted whole = fit(all);
  reports.push_back(finish(whole, try_shrinkages(context, {&folds[0], &folds[1]}), "all"));

  bundle.fit = std::move(whole.fit);
  for (int k = 0; k < 2; ++k) bundle.folds[k] = std::move(folds[k].fit);
  return reports;
}

}  // namespace einet::fit
