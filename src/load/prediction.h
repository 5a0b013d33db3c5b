#pragma once

#include <span>

#include "einet/model.h"
#include "policy/publish.h"
#include "profile/cs_profile.h"

namespace einet::load {

/// What the simulation predicts for requests with one timeout.
struct Prediction {
  double answered = 0.0;  ///< Share of the requests with an answer,
  double right = 0.0;     ///< and with a right one.
};

/// Simulates the policy that `model` serves at the model's block times: runs with this deadline, in seconds from their
/// start or plan::kNoDeadline, on these samples of `profile`. Requests that wait for nothing would give this. Like the
/// served policy, the simulated one was fitted on all samples of the profile. Throws kInvalidData for
/// Publish::kCombined if the profile has no log-probabilities.
Prediction predict(const Model& model, Publish publish, const profile::CsProfile& profile, std::span<const int> samples,
                   double deadline);

}  // namespace einet::load
