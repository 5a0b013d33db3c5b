#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "einet/eval/method.h"
#include "einet/plan/distribution.h"
#include "einet/plan/plan.h"
#include "einet/profile/cs_profile.h"

namespace einet::eval {

/// A mean over samples with its standard error, sd/sqrt(N), which is NaN where it is unknown: for fewer than two.
struct Estimate {
  double mean = 0.0;
  double standard_error = std::numeric_limits<double>::quiet_NaN();
};
Estimate estimate(std::span<const double> values);
/// Of a[i] - b[i]: what two methods differ by on the same samples.
Estimate paired_difference(std::span<const double> a, std::span<const double> b);

/// From `time` seconds on, until the next Step, the shown answer is right or wrong.
struct Step {
  double time = 0.0;
  int exit = 0;  ///< Whose answer is shown.
  bool right = false;
};

/// Walks a policy through one sample in virtual time: conv parts, branches and planning take exactly `times`.
/// `planning` = r_i of the method, or empty. Writes the answers as they come into `steps`, which is cleared first;
/// it never grows beyond the number of exits.
void walk(Policy& policy, Publish publish, const profile::CsProfile& profile, int sample, const plan::BlockTimes& times,
          std::span<const double> planning, std::vector<Step>& steps);

/// Probability that the answer is right at a cut-off drawn from `distribution`: sum of right * (F(next) - F(time)).
double score(std::span<const Step> steps, const plan::ExitTimeDistribution& distribution);

/// score() of every sample of `profile` under `method`, in the order of the samples. Exact but for rounding.
/// Sample i belongs to half i % 2 (profile::held_out_half).
std::vector<double> simulate(const Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                             const plan::ExitTimeDistribution& distribution);

/// The same under one policy for all samples.
std::vector<double> simulate(Policy& policy, Publish publish, const profile::CsProfile& profile,
                             const plan::BlockTimes& times, std::span<const double> planning,
                             const plan::ExitTimeDistribution& distribution);

/// The score of every sample if it were known beforehand which of its exits will be right: no method can do better.
std::vector<double> simulate_oracle(const profile::CsProfile& profile, const plan::BlockTimes& times,
                                    const std::shared_ptr<const plan::ExitTimeDistribution>& distribution);

/// Share of samples answered rightly when cut off at each of `cuts` (seconds, ascending).
std::vector<double> accuracy_at(const Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                                std::span<const double> cuts);

}  // namespace einet::eval
