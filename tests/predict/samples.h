#pragma once

#include <cmath>
#include <random>

#include "profile/cs_profile.h"

namespace einet::predict {

/// Samples of a synthetic network: each has an ease, drawn from a normal distribution; exit i is right with probability
/// sigmoid(ease + i/2), and its confidence is sigmoid(2 (ease + i/2) + noise), that is, overconfident.
inline profile::CsProfile synthetic_samples(int samples, int exits, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal;
  std::uniform_real_distribution<double> unit;
  const auto sigmoid = [](double x) { return 1.0 / (1.0 + std::exp(-x)); };
  profile::CsProfile profile;
  profile.exits = exits;
  for (int sample = 0; sample < samples; ++sample) {
    const double ease = normal(random);
    profile.labels.push_back(1);
    for (int exit = 0; exit < exits; ++exit) {
      const double strength = ease + 0.5 * exit;
      profile.predicted.push_back(unit(random) < sigmoid(strength) ? 1 : 0);
      profile.confidence.push_back(static_cast<float>(sigmoid(2 * strength + 0.3 * normal(random))));
    }
  }
  return profile;
}

}  // namespace einet::predict
