#pragma once

#include <cstdint>

#include "einet/plan.h"
#include "profile/cs_profile.h"

namespace einet::reproduce {

/// `profile` with another rise of accuracy over the exits.
///
/// A negative `change` flattens it: on a share -change of the samples, all exits give the answer and the confidence of
/// the last one. A positive one steepens it: exit i gives no usable answer, a wrong one with the lowest confidence that
/// the exit has anywhere, on a share change * (1 - i / (exits - 1)) of the samples; once an exit has an answer, all
/// later ones have. Which samples are affected is drawn with `seed`. The last exit stays as it is. Throws kUsage unless
/// -1 <= change <= 1.
profile::CsProfile with_ramp(profile::CsProfile profile, double change, std::uint64_t seed = 1);

/// Accuracy of the last exit less that of the first.
double ramp_of(const profile::CsProfile& profile);

/// `times` with all branches scaled such that together they take `ratio` times the trunk. Throws kUsage for a ratio
/// below 0 and for a trunk or branches without time.
plan::BlockTimes with_branch_ratio(plan::BlockTimes times, double ratio);

/// Time of all branches / time of the trunk; infinite without a trunk.
double branch_ratio_of(const plan::BlockTimes& times);

}  // namespace einet::reproduce
