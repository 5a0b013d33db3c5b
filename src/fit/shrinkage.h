#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "core/progress.h"
#include "einet/plan.h"
#include "policy/estimate.h"

namespace einet::fit {

/// Fits a CS-Predictor graph on the given samples. Supplied by the caller (train::train_predictor or a custom
/// function), so that evaluation does not need libtorch.
using PredictorTrainer = std::function<graph::Graph(const profile::CsProfile& samples)>;

struct FitOptions {
  std::string target = "confidence";     ///< What the trainer fits: "confidence" or "correctness".
  std::string distribution = "uniform";  ///< The distribution that the shrinkage is chosen for.
  std::string planner = "exact";
  /// The network as it runs on this machine, for measuring the cost of planning; null = compiled with default
  /// implementations.
  std::shared_ptr<const exec::Program> program = nullptr;
  /// Candidates for the shrinkage; 0 is always one.
  std::vector<double> shrinkages = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0};
};

/// The gain of one shrinkage on samples that its predictor was not trained on.
struct ShrinkageTrial {
  double shrinkage = 0.0;
  policy::Estimate accuracy;
  policy::Estimate gain;  ///< Paired difference to shrinkage 0, which is static-optimal; includes planning time.
};

/// The trials and errors of a fit.
struct FitReport {
  std::string name;  ///< "fold 0", "fold 1", "all".
  int samples = 0;
  double shrinkage = 0.0;  ///< The chosen one.
  std::vector<ShrinkageTrial> trials;
  /// Root mean square error of the predicted score of all later exits, over held-out samples and all prefixes; and that
  /// of predicting the mean.
  double predictor_error = 0.0;
  double mean_error = 0.0;
};

/// Fits predictor, calibration and shrinkage three times: on held-out half 0, on half 1 (bundle.folds) and on all
/// samples (bundle.fit). `times` are those of the target machine.
///
/// The shrinkage of a fit is chosen by simulation with an inner cross-validation: its samples are halved, a predictor
/// is fitted on each half and scored on the other. The shrinkage with the largest gain over shrinkage 0 is chosen,
/// after subtracting one standard error of the paired difference; 0 if no gain remains.
///
/// Throws kNotFound if the bundle has no CS-profile, kInvalidData if it has fewer than 8 samples or the trainer's
/// graph does not fit.
std::vector<FitReport> fit_bundle(bundle::Bundle& bundle, const PredictorTrainer& trainer,
                                  const plan::BlockTimes& times, const FitOptions& options = {},
                                  Progress& progress = Progress::none());

}  // namespace einet::fit
