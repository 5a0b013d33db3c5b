#pragma once

#include <span>
#include <vector>

#include "eval/method.h"
#include "policy/simulate.h"

namespace einet::eval {

/// policy::score() of every sample of `profile` under `method`, in the order of the samples. Sample i belongs to half
/// i % 2 (profile::held_out_half).
std::vector<double> simulate(const Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                             const plan::ExitTimeDistribution& distribution);

/// Share of samples with a right answer when cut off at each of `cuts` (seconds, ascending).
std::vector<double> accuracy_at(const Method& method, const profile::CsProfile& profile, const plan::BlockTimes& times,
                                std::span<const double> cuts);

}  // namespace einet::eval
