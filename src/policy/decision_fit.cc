// Policy search by dynamic programming (Bagnell, Kakade, Ng, Schneider, NeurIPS 2003) for decision tables.
//
// Idea. Exits are processed from last to first. When exit i is processed, the decisions after all later exits are
// fixed, so the return of "execute exit j next" is exact for a given sample: the probability mass of F covered by
// correct answers from the output of i onwards, following the table after j. This needs neither a model of the
// confidences nor value estimates. Samples fall into cells (agreement with the previous answer, bucket of the
// confidence), and each cell takes the exit j with the best mean return. The population's plan is the default: a cell
// deviates only if its gain exceeds its standard error, because the best of many noisy means is biased upwards (the
// optimiser's curse, docs/definitions.md).
//
// The previous answer and its time depend on the exits executed before i. Half of the samples follow the population's
// plan up to i; in the other half, each exit deviates from the plan with probability 0.15.
//
// Example. Two exits, equal times, F uniform. A confident first answer that agrees with later ones in most samples
// gains nothing from the second exit; an unconfident one does. The cell of low confidence executes exit 2, the cell of
// high confidence stops, and the answer stands.
//
// Elapsed time is not part of the state: two buckets of it lost 0.01 to 0.1 points of held-out accuracy on six of ten
// bundles and gained at most 0.02, because each cell then has fewer samples (docs/performance.md, "Policies").
//
// Near ties. Alternatives that differ only by rounding count as equal; the plan takes precedence, then the earliest
// exit. Tables therefore do not depend on the unit of time or the compiler. Treating differences within their standard
// error as ties was tried and rejected (docs/elasticity.md): decisions changed as often between bootstrap samples, and
// up to 0.1 points were lost.
//
// Two lanes. When the output of i comes, the trunk has passed later exits, which can no longer be chosen, and branches
// are pending. The return is that of a whole run in virtual time (virtual_lanes.h), in which the policy decides for j
// after i and follows the table later; all runs of a sample are the same up to i, so their difference is the gain.
//
// Cost: samples x exits^2 / 2 returns of a few table lookups each. 10,000 samples and 21 exits take 0.3 s; with two
// lanes, ten times as long.

#include "policy/decision_fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "einet/error.h"
#include "einet/planner.h"
#include "policy/decisions.h"
#include "policy/simulate.h"
#include "policy/virtual_lanes.h"

namespace einet::policy {
namespace {

using plan::Agreement;

constexpr int kAgreements = 3;
constexpr double kDeviation = 0.15;  ///< Probability that an exit deviates from the plan, in every other sample.
constexpr int kFewestSamples = 200;
/// Tolerance for returns, which are probabilities: an alternative must be better by more than this to replace an
/// earlier one.
constexpr double kRounding = 1e-9;
constexpr double kMostSteps = 8e9;  ///< samples x exits^3: about 20 seconds.

using Run = std::pair<double, int>;  ///< Elapsed seconds; the exit executed before, -1 = none.

/// With two lanes: executes `drawn` up to `exit`, decides for `next` after its output, then follows the table, whose
/// later rows are fixed.
class Trial final : public Policy {
 public:
  Trial(const plan::DecisionTable& table, const plan::ExitPlan& drawn, int exit, int next)
      : table_(table), exit_(exit), next_(next), plan_(drawn) {
    add_population(exit);
  }

  const plan::ExitPlan& begin(double) noexcept override { return plan_; }
  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    Agreement agreement = Agreement::kFirst;
    if (label_ >= 0) agreement = output.label == label_ ? Agreement::kAgrees : Agreement::kDiffers;
    label_ = output.label;
    if (output.exit < exit_) return plan_;
    if (output.exit == exit_) passed_ = output.ahead.exit;
    const int next = output.exit == exit_ ? next_ : table_.next(output.exit, agreement, output.confidence);
    plan_ = plan::ExitPlan(table_.exits());
    if (next < table_.exits()) plan_.insert(next);
    add_population(next);
    return plan_;
  }
  /// The last exit that the trunk had passed at the decision.
  int passed() const { return passed_; }

 private:
  void add_population(int exit) {
    for (exit = table_.population.next(exit); exit < table_.exits(); exit = table_.population.next(exit))
      plan_.insert(exit);
  }

  const plan::DecisionTable& table_;
  const int exit_, next_;
  plan::ExitPlan plan_;
  int label_ = -1;
  int passed_ = -1;
};

class Search {
 public:
  Search(const profile::CsProfile& profile, const plan::BlockTimes& times,
         const std::shared_ptr<const plan::ExitTimeDistribution>& distribution, const DecisionFitOptions& options)
      : profile_(profile), times_(times), distribution_(*distribution), options_(options), random_(options.seed) {
    passed_.push_back(0.0);
    for (const double seconds : times_.conv) passed_.push_back(passed_.back() + seconds);
    table_.population = plan::make_planner("exact", times_, distribution)->plan(profile_.accuracies()).plan;
    table_.rows.resize(profile_.exits);
  }

  plan::DecisionTable fit() {
    for (int exit = profile_.exits - 1; exit >= 0; --exit) fit_row(exit);
    return std::move(table_);
  }

 private:
  double conv_seconds(int from, int to) const { return passed_[to + 1] - passed_[from + 1]; }
  double output_time(int last, double elapsed, int exit) const {
    return elapsed + conv_seconds(last, exit) + times_.branch[exit];
  }

  Agreement agreement(int sample, int before, int exit) const {
    if (before < 0) return Agreement::kFirst;
    const bool agrees = profile_.predicted_at(sample, before) == profile_.predicted_at(sample, exit);
    return agrees ? Agreement::kAgrees : Agreement::kDiffers;
  }

  /// The exits before `exit` that a run of `sample` executes, and `exit`.
  plan::ExitPlan draw_plan(int sample, int exit) {
    std::uniform_real_distribution<double> unit;
    const double deviation = sample % 2 == 0 ? 0.0 : kDeviation;
    plan::ExitPlan plan(profile_.exits);
    for (int k = 0; k < exit; ++k) {
      if (table_.population.contains(k) != (unit(random_) < deviation)) plan.insert(k);
    }
    plan.insert(exit);
    return plan;
  }

  /// A run that executes `plan` up to the output of `exit`: its time, and the exit executed before.
  Run run_up_to(const plan::ExitPlan& plan, int exit) const {
    double elapsed = 0.0;
    int before = -1;
    for (int k = plan.next(-1); k < exit; k = plan.next(k)) {
      elapsed = output_time(before, elapsed, k);
      before = k;
    }
    return {output_time(before, elapsed, exit), before};
  }

  /// P(cut-off after `elapsed` and correct answer), if `exit` answered at `elapsed` and `next` is executed next.
  double return_of(int sample, int exit, double elapsed, int next) const {
    double sum = 0.0;
    double done = distribution_.cdf(elapsed);
    while (next < profile_.exits) {
      elapsed = output_time(exit, elapsed, next);
      const double cdf = distribution_.cdf(elapsed);
      if (profile_.right(sample, exit)) sum += cdf - done;
      done = cdf;
      const Agreement agrees = agreement(sample, exit, next);
      exit = next;
      next = table_.next(exit, agrees, profile_.confidence_at(sample, exit));
    }
    return profile_.right(sample, exit) ? sum + 1.0 - done : sum;
  }

  /// With two lanes, the same for a run that executes `drawn` up to `exit`, plus the part of the run before that
  /// output.
  double two_lane_return_of(int sample, int exit, const plan::ExitPlan& drawn, int next) {
    Trial trial(table_, drawn, exit, next);
    double sum = 0.0, done = 0.0;
    bool right = false;
    lanes_.run(trial, plan::kNoDeadline, times_, [&](int output_exit, double time, BranchOutput& output) {
      const double cdf = distribution_.cdf(time);
      if (right) sum += cdf - done;
      done = cdf;
      right = profile_.right(sample, output_exit);
      output = {.exit = output_exit,
                .label = profile_.predicted_at(sample, output_exit),
                .confidence = profile_.confidence_at(sample, output_exit),
                .elapsed = time,
                .ahead = {}};
    });
    passed_at_decision_ = trial.passed();
    return right ? sum + 1.0 - done : sum;
  }

  /// Quantiles of the confidences at `exit`.
  std::vector<float> edges(int exit) const {
    std::vector<float> confidences;
    for (int sample = 0; sample < profile_.samples(); ++sample) {
      confidences.push_back(profile_.confidence_at(sample, exit));
    }
    std::ranges::sort(confidences);
    std::vector<float> edges;
    for (int k = 1; k < options_.buckets; ++k) edges.push_back(confidences[confidences.size() * k / options_.buckets]);
    return edges;
  }

  void fit_row(int exit) {
    const int exits = profile_.exits;
    const bool two_lanes = times_.lanes() == 2;
    plan::DecisionTable::Row& row = table_.rows[exit];
    row.edges = edges(exit);
    const int planned = table_.population.next(exit);
    row.next.assign(kAgreements * (row.edges.size() + 1), planned);
    // By cell and by next exit: sum and sum of squares of the gain over the planned exit.
    std::vector<std::vector<std::array<double, 2>>> gains(row.next.size());
    for (auto& cell : gains) cell.resize(exits + 1);
    std::vector<int> count(row.next.size());
    for (int sample = 0; sample < profile_.samples(); ++sample) {
      const plan::ExitPlan drawn = draw_plan(sample, exit);
      const Run run = run_up_to(drawn, exit);
      const std::size_t bucket =
          std::ranges::upper_bound(row.edges, profile_.confidence_at(sample, exit)) - row.edges.begin();
      const std::size_t cell =
          static_cast<std::size_t>(agreement(sample, run.second, exit)) * (row.edges.size() + 1) + bucket;
      const auto return_after = [&](int next) {
        return two_lanes ? two_lane_return_of(sample, exit, drawn, next) : return_of(sample, exit, run.first, next);
      };
      const double baseline = return_after(planned);
      const int passed = two_lanes ? passed_at_decision_ : exit;
      // Exits that the trunk has passed can no longer be chosen: each leaves the later ones of the population's plan.
      const double passed_return = passed > exit ? return_after(exit + 1) : 0.0;
      ++count[cell];
      for (int next = exit + 1; next <= exits; ++next) {
        const double gain = (next <= passed ? passed_return : return_after(next)) - baseline;
        gains[cell][next][0] += gain;
        gains[cell][next][1] += gain * gain;
      }
    }
    for (std::size_t cell = 0; cell < gains.size(); ++cell) {
      if (count[cell] < 2) continue;
      double best = 0.0;
      for (int next = exit + 1; next <= exits; ++next) {
        const double mean = gains[cell][next][0] / count[cell];
        const double variance = std::max(0.0, gains[cell][next][1] / count[cell] - mean * mean);
        const double lower_bound = mean - options_.standard_errors * std::sqrt(variance / (count[cell] - 1));
        if (lower_bound > best + kRounding) {
          best = lower_bound;
          row.next[cell] = next;
        }
      }
    }
  }

  const profile::CsProfile& profile_;
  const plan::BlockTimes& times_;
  const plan::ExitTimeDistribution& distribution_;
  const DecisionFitOptions options_;
  std::mt19937_64 random_;
  std::vector<double> passed_;  ///< [exits + 1]: seconds of the conv parts before exit i.
  plan::DecisionTable table_;
  VirtualLanes lanes_;
  int passed_at_decision_ = -1;  ///< In the last run of two_lane_return_of().
};

void check(const profile::CsProfile& profile, const plan::BlockTimes& times) {
  profile.validate("profile");
  times.validate();
  if (profile.samples() == 0) throw Error(ErrorKind::kInvalidData, "profile", "has no samples");
  if (times.exits() == profile.exits) return;
  throw Error(ErrorKind::kInvalidData, "profile",
              "has " + std::to_string(profile.exits) + " exits, the block times " + std::to_string(times.exits()));
}

plan::BlockTimes without_planning(plan::BlockTimes times) {
  times.planning.clear();
  return times;
}

}  // namespace

plan::DecisionTable fit_decisions(const profile::CsProfile& profile, const plan::BlockTimes& times,
                                  const std::shared_ptr<const plan::ExitTimeDistribution>& distribution,
                                  const DecisionFitOptions& options) {
  check(profile, times);
  const plan::BlockTimes block_times = without_planning(times);
  return Search(profile, block_times, distribution, options).fit();
}

DecisionFit checked_decisions(const profile::CsProfile& profile, const plan::BlockTimes& times,
                              const std::shared_ptr<const plan::ExitTimeDistribution>& distribution,
                              const DecisionFitOptions& options) {
  check(profile, times);
  const int samples = profile.samples();
  const plan::BlockTimes block_times = without_planning(times);
  const auto planner = plan::make_planner("exact", block_times, distribution);
  const auto best_plan = [&] { return plan::DecisionTable::of(planner->plan(profile.accuracies()).plan); };
  if (samples < kFewestSamples || samples * std::pow(profile.exits, 3) > kMostSteps) return {best_plan(), {0.0, 0.0}};
  std::vector<double> with(samples), baseline(samples);
  for (int half = 0; half < 2; ++half) {
    const profile::CsProfile fitted = profile.rows(profile::held_out_half(samples, half));
    const std::vector<int> held_out = profile::held_out_half(samples, 1 - half);
    const auto table =
        std::make_shared<const plan::DecisionTable>(fit_decisions(fitted, block_times, distribution, options));
    const auto fixed = fixed_policy(planner->plan(fitted.accuracies()).plan);
    const auto decisions = decision_policy(table, 0.0, fixed_policy(table->population));
    const profile::CsProfile scored = profile.rows(held_out);
    const std::vector<double> table_scores = simulate(*decisions, Publish::kLatest, scored, block_times, *distribution);
    const std::vector<double> fixed_scores = simulate(*fixed, Publish::kLatest, scored, block_times, *distribution);
    for (std::size_t k = 0; k < held_out.size(); ++k) {
      with[held_out[k]] = table_scores[k];
      baseline[held_out[k]] = fixed_scores[k];
    }
  }
  const Estimate gain = paired_difference(with, baseline);
  if (!(gain.mean > gain.standard_error)) return {best_plan(), gain};
  return {fit_decisions(profile, block_times, distribution, options), gain};
}

}  // namespace einet::policy
