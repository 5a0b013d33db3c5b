#include "reproduce/analysis/ramp.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "einet/error.h"

namespace einet::reproduce {
namespace {

void flatten(profile::CsProfile& profile, int sample) {
  const int last = profile.exits - 1;
  for (int exit = 0; exit < last; ++exit) {
    const std::size_t at = std::size_t(sample) * profile.exits + exit;
    profile.confidence[at] = profile.confidence_at(sample, last);
    profile.predicted[at] = profile.predicted_at(sample, last);
  }
}

/// A label that is not the right one.
std::int32_t wrong(std::int32_t label) { return label == 0 ? 1 : 0; }

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

}  // namespace

profile::CsProfile with_ramp(profile::CsProfile profile, double change, std::uint64_t seed) {
  if (!(change >= -1.0 && change <= 1.0)) {
    throw Error(ErrorKind::kUsage, "change of the ramp", std::to_string(change) + " is outside -1 to 1");
  }
  profile.drop_log_probabilities();  // They would contradict the answers.
  std::vector<float> lowest(profile.exits, 1.0f);
  for (int sample = 0; sample < profile.samples(); ++sample) {
    for (int exit = 0; exit < profile.exits; ++exit) {
      lowest[exit] = std::min(lowest[exit], profile.confidence_at(sample, exit));
    }
  }
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> unit;
  for (int sample = 0; sample < profile.samples(); ++sample) {
    const double draw = unit(random);
    if (change < 0.0 && draw < -change) flatten(profile, sample);
    for (int exit = 0; exit < profile.exits - 1; ++exit) {
      if (draw >= change * (1.0 - static_cast<double>(exit) / (profile.exits - 1))) break;
      const std::size_t at = std::size_t(sample) * profile.exits + exit;
      profile.confidence[at] = lowest[exit];
      profile.predicted[at] = wrong(profile.labels[sample]);
    }
  }
  return profile;
}

double ramp_of(const profile::CsProfile& profile) { return profile.accuracy(profile.exits - 1) - profile.accuracy(0); }

plan::BlockTimes with_branch_ratio(plan::BlockTimes times, double ratio) {
  const double now = branch_ratio_of(times);
  if (!(ratio >= 0.0) || !(now > 0.0 && now < std::numeric_limits<double>::infinity())) {
    throw Error(ErrorKind::kUsage, "ratio of branches to trunk",
                "must be at least 0, and trunk and branches must take some time");
  }
  for (double& branch : times.branch) branch *= ratio / now;
  return times;
}

double branch_ratio_of(const plan::BlockTimes& times) {
  const double trunk = sum(times.conv);
  return trunk > 0.0 ? sum(times.branch) / trunk : std::numeric_limits<double>::infinity();
}

}  // namespace einet::reproduce
