#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/bundle.h"
#include "core/hold_out.h"
#include "core/preprocessing.h"
#include "core/progress.h"
#include "data/dataset.h"
#include "exec/program.h"
#include "measure/block_times.h"
#include "profile/et_profile.h"

namespace einet::fit {

/// Held-out images, and what a bundle records about them.
struct ProfileSamples {
  std::string dataset;              ///< "" if unknown.
  std::optional<HoldOut> hold_out;  ///< How `dataset` was divided.
  Normalization normalization;
  Preprocessing preprocessing;
  std::vector<std::string> label_names;  ///< One per class; may be empty.
  int classes = 0;
  std::vector<std::int32_t> labels;  ///< One per image, below `classes`.
  /// Writes the network input of image i: normalised, in C order.
  std::function<void(int i, std::span<float> input)> image;
};

/// The images of `set`, which must outlive the result.
ProfileSamples profile_samples(const data::Dataset& set, const std::optional<HoldOut>& hold_out,
                               const Preprocessing& preprocessing);

/// What becomes of the exits' log-probabilities: kKeep fits combined answers, which can then be simulated; kFit only
/// fits them; kAuto keeps up to 64 MiB and fits up to 1 GiB.
enum class LogProbabilities { kAuto, kKeep, kFit, kNone };

/// Throws kUsage for another name than auto, keep, fit and none.
LogProbabilities parse_log_probabilities(std::string_view name);
const std::vector<std::string>& log_probabilities_names();

/// The measurement of a network: its times on this machine, with a decision table for them; with samples, also their
/// confidences, and the weights of combined answers.
class Profiling {
 public:
  /// `start` must outlive this; with samples, its graph must have weights, also if they will not be stored. Throws
  /// kInvalidData, naming `name`, if a bundle cannot contain this network or it has other classes than the samples.
  Profiling(const bundle::Bundle& start, std::optional<ProfileSamples> samples, LogProbabilities use,
            const std::string& name);

  /// With `lanes` 2 also the times of runs with a branch lane. Throws what compiling throws.
  void measure(const exec::CompileOptions& executor, const measure::EtOptions& times, int lanes = 1,
               Progress& progress = Progress::none());

  /// Replaces what was measured: the times of this machine and, with samples, all parts that depend on confidences.
  /// Before measure(), only the second, with empty confidences, which shows bundle::check_update() what will be lost.
  void add_to(bundle::Bundle& bundle) const;

  const profile::EtProfile& timing() const { return timing_; }

 private:
  void measure_confidences(Progress& progress);
  void measure_lanes(exec::CompileOptions executor, const measure::EtOptions& times, Progress& progress);
  void fit_decisions();
  void add_confidences(bundle::Bundle& bundle) const;

  const bundle::Bundle& start_;
  std::optional<ProfileSamples> samples_;
  LogProbabilities use_ = LogProbabilities::kNone;
  bundle::Bundle measured_;  ///< Only its confidences and weights of combined answers are used.
  profile::EtProfile timing_;
};

/// What was measured: {"platform", "horizon_seconds", "samples", "exits": [{"exit", "conv_seconds", "branch_seconds",
/// "accuracy", "two_lanes": {"conv_seconds", "busy_conv_seconds", "branch_seconds"}},…]}, and "combined_answers" as
/// combination_summary() gives it; exits count from 1. Accuracies and combined answers are those of `bundle`, missing
/// if it has none.
nlohmann::json profile_summary(const bundle::Bundle& bundle, const profile::EtProfile& timing);

}  // namespace einet::fit
