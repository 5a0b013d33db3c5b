#include "fit/profiling.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "bundle/timing.h"
#include "bundle/update.h"
#include "data/samples.h"
#include "einet/distribution.h"
#include "einet/error.h"
#include "fit/combined_answers.h"
#include "measure/confidences.h"
#include "measure/lane_times.h"
#include "policy/decision_fit.h"

namespace einet::fit {
namespace {

constexpr std::uint64_t kMostKept = std::uint64_t{64} << 20;
constexpr std::uint64_t kMostFitted = std::uint64_t{1} << 30;

/// kAuto replaced by what the size of the log-probabilities allows.
LogProbabilities resolved(LogProbabilities use, int exits, const ProfileSamples& samples) {
  if (use != LogProbabilities::kAuto) return use;
  const std::uint64_t values = std::uint64_t(samples.labels.size()) * exits * std::max(1, samples.classes);
  const std::uint64_t bytes = values * sizeof(std::uint16_t);
  return bytes <= kMostKept     ? LogProbabilities::kKeep
         : bytes <= kMostFitted ? LogProbabilities::kFit
                                : LogProbabilities::kNone;
}

}  // namespace

ProfileSamples profile_samples(const data::Dataset& set, const std::optional<HoldOut>& hold_out,
                               const Preprocessing& preprocessing) {
  return {.dataset = set.name,
          .hold_out = hold_out,
          .normalization = set.normalization,
          .preprocessing = preprocessing,
          .label_names = set.label_names,
          .classes = set.classes(),
          .labels = set.labels,
          .image = data::normalized_images(set)};
}

const std::vector<std::string>& log_probabilities_names() {
  static const std::vector<std::string> names = {"auto", "keep", "fit", "none"};
  return names;
}

LogProbabilities parse_log_probabilities(std::string_view name) {
  const auto found = std::ranges::find(log_probabilities_names(), name);
  if (found == log_probabilities_names().end()) {
    throw Error(ErrorKind::kUsage, "log-probabilities '" + std::string(name) + "'", "must be auto, keep, fit or none");
  }
  return static_cast<LogProbabilities>(found - log_probabilities_names().begin());
}

Profiling::Profiling(const bundle::Bundle& start, std::optional<ProfileSamples> samples, LogProbabilities use,
                     const std::string& name)
    : start_(start), samples_(std::move(samples)) {
  if (!samples_) return;
  bundle::check_network(start_.graph, name, samples_->classes);
  use_ = resolved(use, start_.exits(), *samples_);
  measured_.confidences.emplace();
  measured_.confidences->labels = samples_->labels;
  measured_.confidences->classes = use_ == LogProbabilities::kKeep ? samples_->classes : 0;
}

void Profiling::measure(const exec::CompileOptions& executor, const measure::EtOptions& times, int lanes,
                        Progress& progress) {
  if (samples_) measure_confidences(progress);
  const auto program = exec::compile(start_.graph, executor);
  timing_ = measure::measure_times(program, times, progress);
  if (samples_) {
    fit_combined_answers(measured_, timing_.times(), {}, progress);
    if (use_ != LogProbabilities::kKeep) measured_.confidences->drop_log_probabilities();
  } else {
    timing_.planning = bundle::measure_planning(start_, *program, timing_.times());
  }
  if (lanes == 2) measure_lanes(executor, times, progress);
  fit_decisions();
}

void Profiling::measure_lanes(exec::CompileOptions executor, const measure::EtOptions& times, Progress& progress) {
  executor.branch_lane = true;
  const auto program = exec::compile(start_.graph, executor);
  timing_.lanes = measure::measure_lane_times(*program, times, progress);
  if (!samples_) timing_.lanes->planning = bundle::measure_planning(start_, *program, timing_.times(2));
}

void Profiling::measure_confidences(Progress& progress) {
  measured_.confidences = measure::measure_confidences(start_.graph, samples_->labels, samples_->image, progress,
                                                       exec::Precision::kFloat32, use_ != LogProbabilities::kNone);
}

void Profiling::fit_decisions() {
  const auto& confidences = samples_ ? measured_.confidences : start_.confidences;
  if (!confidences) return;
  const auto fitted = [&](const plan::BlockTimes& times) {
    return policy::checked_decisions(*confidences, times, plan::uniform_distribution(times.total())).table;
  };
  timing_.decisions = fitted(timing_.times());
  if (timing_.lanes) timing_.lanes->decisions = fitted(timing_.times(2));
}

void Profiling::add_to(bundle::Bundle& bundle) const {
  if (samples_) add_confidences(bundle);
  if (!timing_.platform.name.empty()) bundle.timing[timing_.platform.name] = timing_;
}

void Profiling::add_confidences(bundle::Bundle& bundle) const {
  bundle.dataset = samples_->dataset;
  bundle.hold_out = samples_->hold_out;
  bundle.labels = samples_->label_names;
  bundle.normalization = samples_->normalization;
  bundle.preprocessing = samples_->preprocessing;
  bundle.confidences = measured_.confidences;
  bundle.combination = measured_.combination;
  bundle.fold_combinations = measured_.fold_combinations;
  bundle.fit.reset();  // It was fitted on other confidences.
  bundle.folds = {};
  for (auto& [platform, timing] : bundle.timing) {
    timing.decisions.reset();
    if (timing.lanes) timing.lanes->decisions.reset();
  }
}

nlohmann::json profile_summary(const bundle::Bundle& bundle, const profile::EtProfile& timing) {
  const plan::BlockTimes times = timing.times();
  nlohmann::json exits = nlohmann::json::array();
  for (int i = 0; i < bundle.exits(); ++i) {
    exits.push_back({{"exit", i + 1}, {"conv_seconds", times.conv[i]}, {"branch_seconds", times.branch[i]}});
    if (bundle.confidences) exits.back()["accuracy"] = bundle.confidences->accuracy(i);
  }
  if (timing.lanes) {
    const plan::LaneTimes lane = timing.times(2).lane;
    for (int i = 0; i < bundle.exits(); ++i) {
      exits[i]["two_lanes"] = {
          {"conv_seconds", lane.conv[i]}, {"busy_conv_seconds", lane.busy[i]}, {"branch_seconds", lane.branch[i]}};
    }
  }
  nlohmann::json summary = {{"platform", timing.platform.name},
                            {"horizon_seconds", times.total()},
                            {"samples", bundle.confidences ? bundle.confidences->samples() : 0},
                            {"exits", exits}};
  if (bundle.combination) summary["combined_answers"] = combination_summary(*bundle.combination);
  return summary;
}

}  // namespace einet::fit
