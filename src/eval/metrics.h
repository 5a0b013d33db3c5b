#pragma once

#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "bundle/bundle.h"
#include "eval/method.h"

namespace einet::eval {

/// Expected calibration error (Guo et al., ICML 2017): the mean over samples of |accuracy - mean confidence| in the bin
/// of the sample's confidence, with bins of equal width over [0,1]. `right[i]` belongs to `confidence[i]`; 0 without
/// samples. bins >= 1.
double calibration_error(std::span<const float> confidence, std::span<const std::uint8_t> right, int bins = 15);

/// Area under the risk-coverage curve (Geifman and El-Yaniv, NeurIPS 2017): the mean over k of the share of wrong
/// answers among the k most confident samples. Samples of equal confidence count as if in random order. 0 without
/// samples.
double risk_coverage_area(std::span<const float> confidence, std::span<const std::uint8_t> right);

/// Figures of a single exit on the held-out samples.
struct ExitMetrics {
  double accuracy = 0.0;
  double calibration_error = 0.0;
  double risk_coverage_area = 0.0;
  std::int64_t macs = 0;  ///< Of all conv parts up to the exit, and its branch.
  double seconds = 0.0;   ///< Time of these blocks: the earliest time of the exit's output.
};

/// One per exit. Throws kNotFound without a CS-profile.
std::vector<ExitMetrics> exit_metrics(const bundle::Bundle& bundle, const plan::BlockTimes& times);

/// E / accuracy of the best exit (docs/definitions.md), `expectation` = E of the best static plan; 0 if no exit is
/// ever right.
double elasticity(double expectation, const profile::CsProfile& profile);

/// Losses of probability that RunMetrics::true_class_drops counts.
inline constexpr std::array kDrops = {0.01, 0.05, 0.1, 0.2, 0.5};

/// Properties of the runs of a method other than the score.
struct RunMetrics {
  double first_answer_seconds = 0.0;  ///< Mean over samples.
  double unanswered = 0.0;            ///< Probability that the cut-off comes before the first answer.
  double lost = 0.0;                  ///< Share of samples with a right answer that a wrong one replaces.
  /// The gain in score with the most frequent class as initial answer (Initial::kFrequent): the probability that the
  /// cut-off comes before the first answer and that class is right. The class is that of the other half of the samples.
  double frequent_initial = 0.0;
  /// Conditional monotonicity (Jazbec et al., NeurIPS 2023): share of samples whose true class loses more than each of
  /// kDrops in probability between an answer and any later one. Empty without log-probabilities in the profile.
  std::vector<double> true_class_drops;
  /// Share of samples with a right answer when cut off after 25, 50 and 75 % of the horizon.
  std::vector<double> accuracy_at_quarters;
};

/// By simulation, as simulate() runs them. `horizon` in seconds, > 0.
RunMetrics run_metrics(const Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                       const plan::ExitTimeDistribution& distribution, double horizon);

/// {"first_answer_seconds", "unanswered", "right_answers_lost", "frequent_initial_gain", "accuracy_at_quarters",
/// "true_class_drops":[{"above","share"},…] or null without log-probabilities}.
nlohmann::json to_json(const RunMetrics& metrics);

}  // namespace einet::eval
