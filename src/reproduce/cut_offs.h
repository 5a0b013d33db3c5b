#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "einet/distribution.h"
#include "einet/plan.h"
#include "eval/method.h"
#include "profile/cs_profile.h"

namespace einet::reproduce {

/// One cut-off per sample in seconds, drawn from `distribution` with this seed.
std::vector<double> draw_cut_offs(int samples, const plan::ExitTimeDistribution& distribution, std::uint64_t seed);

/// Share of samples of `profile` answered rightly when sample i is cut off at cuts[i]; no answer counts as wrong. The
/// runs are those of eval::simulate(): each sample under the policy of its half. An output at the moment of the cut-off
/// counts.
double accuracy_when_cut(const eval::Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                         std::span<const double> cuts);

/// One plan for every sample, as a method.
eval::Method fixed_method(const std::string& name, const plan::ExitPlan& plan);

}  // namespace einet::reproduce
