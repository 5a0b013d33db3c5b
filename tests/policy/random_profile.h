#pragma once

#include <cstdint>
#include <random>

#include "einet/plan.h"
#include "profile/cs_profile.h"

namespace einet::testing {

/// Samples on which later exits are right more often, with confidences weakly correlated with being right.
inline profile::CsProfile random_profile(int exits, int samples, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  profile::CsProfile profile;
  profile.exits = exits;
  for (int sample = 0; sample < samples; ++sample) {
    profile.labels.push_back(static_cast<std::int32_t>(random() % 10));
    const double ease = uniform(random);
    for (int exit = 0; exit < exits; ++exit) {
      const bool right = uniform(random) < ease * (0.5 + 0.5 * (exit + 1) / exits);
      profile.predicted.push_back(right ? profile.labels.back() : (profile.labels.back() + 1) % 10);
      profile.confidence.push_back(
          static_cast<float>(0.1 + 0.9 * (0.5 * ease + 0.3 * uniform(random) + 0.2 * (right ? 1.0 : 0.0))));
    }
  }
  return profile;
}

inline plan::BlockTimes random_times(int exits, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0.1, 1.0);
  plan::BlockTimes times;
  for (int exit = 0; exit < exits; ++exit) {
    times.conv.push_back(uniform(random));
    times.branch.push_back(0.5 * uniform(random));
  }
  return times;
}

}  // namespace einet::testing
