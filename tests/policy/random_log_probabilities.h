#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "core/half.h"
#include "policy/random_profile.h"

namespace einet::testing {

/// random_times() and samples of `classes` classes with log-probabilities: the noise of the exits is independent, so
/// that exits combined are right more often than any single one. Predictions and confidences are those of the
/// log-probabilities.
inline profile::CsProfile profile_with_log_probabilities(int exits, int classes, int samples, std::uint64_t seed,
                                                         double noise = 1.5) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0.0, noise);
  profile::CsProfile profile;
  profile.exits = exits;
  profile.classes = classes;
  std::vector<double> logits(classes);
  for (int sample = 0; sample < samples; ++sample) {
    profile.labels.push_back(static_cast<std::int32_t>(random() % static_cast<std::uint64_t>(classes)));
    for (int exit = 0; exit < exits; ++exit) {
      for (int k = 0; k < classes; ++k) logits[k] = normal(random) + (k == profile.labels.back() ? 2.0 : 0.0);
      double sum = 0.0;
      for (const double logit : logits) sum += std::exp(logit);
      float best = -100.0f;
      int label = 0;
      for (int k = 0; k < classes; ++k) {
        profile.log_probability.push_back(float_to_half(static_cast<float>(logits[k] - std::log(sum))));
        const float kept = half_to_float(profile.log_probability.back());
        if (kept > best) label = k;
        best = std::max(best, kept);
      }
      profile.predicted.push_back(label);
      profile.confidence.push_back(std::min(1.0f, std::exp(best)));
    }
  }
  return profile;
}

}  // namespace einet::testing
