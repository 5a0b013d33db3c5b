#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "einet/plan.h"
#include "predict/calibration.h"
#include "predict/predictor.h"

namespace einet::predict {

/// Parameters that turn a predictor's scores into probabilities of being right; the content of calibration.json.
struct BeliefParameters {
  std::string target = "confidence";  ///< What the predictor was trained on: "confidence" (paper) or "correctness".
  double shrinkage = 0.0;        ///< In [0,1]: 0 keeps the population's means, 1 uses the predictor's estimates alone.
  std::vector<double> prior;     ///< Accuracy of each exit over the fitted samples.
  std::vector<Curve> seen;       ///< Confidence of an executed exit -> probability that its answer is right.
  std::vector<Curve> predicted;  ///< Predicted score of a later exit -> probability that it will be right.

  int exits() const { return static_cast<int>(prior.size()); }
  /// False when shrinkage is 0: beliefs then always equal the prior.
  bool learns() const { return shrinkage > 0.0; }
  /// Throws kInvalidData naming `name`: no exits, different lengths, values outside [0,1], unordered curves.
  void validate(const std::string& name) const;
};

nlohmann::json to_json(const BeliefParameters& parameters);
/// Throws kInvalidData naming `name`.
BeliefParameters belief_parameters_from_json(const nlohmann::json& json, const std::string& name);

/// The probability that each exit is right, given the confidences observed so far in a run:
///
///     belief_i = prior_i + shrinkage * (curve_i(score_i) - prior_i)
///
/// where curve_i is `seen` for executed exits and `predicted` for later ones.
/// One run at a time; no allocation after construction.
class Belief {
 public:
  /// Throws kInvalidData if predictor and parameters have different numbers of exits. A null predictor is
  /// allowed when shrinkage is 0. The parameters are shared, the predictor is owned.
  Belief(std::shared_ptr<const BeliefParameters> parameters, std::unique_ptr<Predictor> predictor);

  /// Starts a new run: scores() is the prior.
  void reset() noexcept;
  /// Exit `exit` (later than any before) answered with `confidence`.
  void observe(int exit, float confidence) noexcept;
  /// One probability per exit; those up to the last observed exit are only meaningful for executed exits.
  std::span<const double> scores() const noexcept { return scores_; }
  /// False when shrinkage is 0: scores() never changes, so re-planning is unnecessary.
  bool learns() const noexcept { return parameters_->learns(); }

 private:
  std::shared_ptr<const BeliefParameters> parameters_;
  std::unique_ptr<Predictor> predictor_;
  plan::ExitPlan executed_;
  std::vector<float> confidence_;
  std::vector<double> scores_;
};

}  // namespace einet::predict
