// Exact simulation from profiles.
//
// Idea. The only randomness of a run is the moment of the cut-off, and the policy's decisions do not depend on it.
// So one pass of the policy over the sample's profile gives the step function "right or wrong from time t onwards",
// and the probability of a right answer is the integral of that function over F. No cut-offs are drawn.
//
// Example. Exits answer at 1 (right), 3 (wrong) and 4 (right) of a horizon of 5, F uniform: (3-1)/5 + (5-4)/5 = 0.6.
//
// Cost: one policy decision per executed exit and sample; 10,000 samples of a fixed plan take about 2 ms.

#include "policy/simulate.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "einet/error.h"
#include "einet/plan.h"
#include "einet/planner.h"
#include "policy/run.h"
#include "policy/virtual_lanes.h"

namespace einet::policy {
namespace {

/// The blocks of a run in virtual time: one row of a CS-profile.
class VirtualBlocks {
 public:
  VirtualBlocks(Publish publish, const profile::CsProfile& profile, int sample, const plan::BlockTimes& times,
                double deadline, std::vector<ShownAnswer>& shown, predict::Combiner* combiner,
                std::span<float> log_probabilities, bool true_class)
      : publish_(publish),
        profile_(profile),
        sample_(sample),
        times_(times),
        deadline_(deadline),
        shown_(shown),
        combiner_(combiner),
        log_probabilities_(log_probabilities),
        true_class_(true_class) {}

  bool conv_part(int) { return true; }
  bool branch(int exit, BranchOutput& output) {
    time_ = plan::next_output(times_, last_, time_, exit);
    if (time_ >= deadline_) return false;
    last_ = exit;
    answer(exit, time_, output);
    return true;
  }
  void planned(int) {}

  /// Shows the answer of `exit`, whose output comes at `time`, if that is before the deadline.
  void answer(int exit, double time, BranchOutput& output) {
    output = {.exit = exit,
              .label = profile_.predicted_at(sample_, exit),
              .confidence = profile_.confidence_at(sample_, exit),
              .elapsed = time,
              .ahead = {}};
    if (time >= deadline_) return;
    if (shown_.empty() || replaces(publish_, output.confidence, best_)) {
      shown_.push_back({.time = time, .exit = exit, .right = right(exit)});
      if (true_class_) shown_.back().true_class = true_class(exit);
      best_ = output.confidence;
    }
  }

 private:
  bool right(int exit) {
    if (combiner_ == nullptr) return profile_.right(sample_, exit);
    profile_.log_probabilities(sample_, exit, log_probabilities_);
    return combiner_->add(exit, log_probabilities_).label == profile_.labels[sample_];
  }
  /// Of the answer that right() was last called for.
  double true_class(int exit) {
    const int label = profile_.labels[sample_];
    if (combiner_ == nullptr) return std::exp(static_cast<double>(profile_.log_probability_at(sample_, exit, label)));
    const std::span<const float> z = combiner_->scores();
    const double largest = *std::ranges::max_element(z);
    double sum = 0.0;
    for (const float score : z) sum += std::exp(score - largest);
    return std::exp(z[label] - largest) / sum;
  }

  const Publish publish_;
  const profile::CsProfile& profile_;
  const int sample_;
  const plan::BlockTimes& times_;
  const double deadline_;
  std::vector<ShownAnswer>& shown_;
  predict::Combiner* combiner_;  ///< Null unless answers are combined.
  std::span<float> log_probabilities_;
  const bool true_class_;
  int last_ = -1;
  double time_ = 0.0;
  float best_ = 0.0f;
};

}  // namespace

plan::BlockTimes times_under(const Policy& policy, plan::BlockTimes times) {
  times.planning.resize(times.conv.size());
  for (int exit = 0; exit < times.exits(); ++exit) times.planning[exit] = policy.planning_seconds(exit);
  return times;
}

Simulation::Simulation(Policy& policy, Publish publish, const profile::CsProfile& profile, plan::BlockTimes times,
                       std::shared_ptr<const predict::CombinationWeights> weights)
    : policy_(policy), publish_(publish), profile_(profile), times_(times_under(policy, std::move(times))) {
  if (publish != Publish::kCombined) return;
  if (!weights || weights->exits() != profile.exits || !profile.has_log_probabilities()) {
    throw Error(ErrorKind::kInvalidData, "combined answers", "need weights and log-probabilities of the same exits");
  }
  log_probabilities_.resize(profile.classes);
  combiner_.emplace(std::move(weights), profile.classes);
}

std::span<const ShownAnswer> Simulation::run(int sample, double deadline) {
  shown_.clear();
  predict::Combiner* combiner = combiner_ ? &*combiner_ : nullptr;
  if (combiner != nullptr) combiner->reset();
  VirtualBlocks blocks(publish_, profile_, sample, times_, deadline, shown_, combiner, log_probabilities_, true_class_);
  if (times_.lanes() == 1) {
    policy::run(policy_, deadline, blocks);
  } else {
    lanes_.run(policy_, deadline, times_,
               [&](int exit, double time, BranchOutput& output) { blocks.answer(exit, time, output); });
  }
  return shown_;
}

double score(std::span<const ShownAnswer> shown, const plan::ExitTimeDistribution& distribution) {
  double sum = 0.0;
  for (std::size_t k = 0; k < shown.size(); ++k) {
    if (!shown[k].right) continue;
    const double until = k + 1 < shown.size() ? distribution.cdf(shown[k + 1].time) : 1.0;
    sum += until - distribution.cdf(shown[k].time);
  }
  return sum;
}

std::vector<double> simulate(Policy& policy, Publish publish, const profile::CsProfile& profile,
                             const plan::BlockTimes& times, const plan::ExitTimeDistribution& distribution) {
  std::vector<double> scores(profile.samples());
  Simulation simulation(policy, publish, profile, times);
  for (int sample = 0; sample < profile.samples(); ++sample)
    scores[sample] = score(simulation.run(sample), distribution);
  return scores;
}

std::vector<double> simulate_oracle(const profile::CsProfile& profile, const plan::BlockTimes& times,
                                    const std::shared_ptr<const plan::ExitTimeDistribution>& distribution) {
  plan::BlockTimes free_planning = times;
  free_planning.planning.clear();
  const auto planner = plan::make_planner("exact", free_planning, distribution);
  std::vector<double> right(profile.exits);
  std::vector<double> scores(profile.samples());
  for (int sample = 0; sample < profile.samples(); ++sample) {
    for (int exit = 0; exit < profile.exits; ++exit) right[exit] = profile.right(sample, exit) ? 1.0 : 0.0;
    scores[sample] = planner->plan(right).expectation;
  }
  return scores;
}

}  // namespace einet::policy
