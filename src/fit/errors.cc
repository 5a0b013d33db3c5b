#include <algorithm>
#include <cmath>
#include <numeric>

#include "einet/error.h"
#include "fit/beliefs.h"

namespace einet::fit {
namespace {

double average(const std::vector<double>& values) {
  if (values.empty()) return 0.0;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

double PredictorErrors::overall_squared() const { return average(squared); }
double PredictorErrors::overall_absolute() const { return average(absolute); }
double PredictorErrors::overall_mean_squared() const { return average(mean_squared); }
double PredictorErrors::overall_mean_absolute() const { return average(mean_absolute); }

PredictorErrors predictor_errors(const profile::CsProfile& profile, predict::Predictor& predictor,
                                 std::span<const double> means, const std::string& target, int max_samples) {
  const int exits = profile.exits;
  if (predictor.exits() != exits || static_cast<int>(means.size()) != exits) {
    throw Error(ErrorKind::kInvalidData, "predictor",
                "predicts " + std::to_string(predictor.exits()) + " exits from " + std::to_string(means.size()) +
                    " means, the profile has " + std::to_string(exits));
  }
  const int samples = std::min(profile.samples(), std::max(max_samples, 1));
  PredictorErrors errors;
  std::vector<double> scores(exits);
  plan::ExitPlan executed(exits);
  for (int last = 0; last + 1 < exits; ++last) {
    executed.insert(last);
    double squared = 0, absolute = 0, mean_squared = 0, mean_absolute = 0;
    for (int i = 0; i < samples; ++i) {
      const int sample = static_cast<int>(std::int64_t{i} * profile.samples() / samples);
      predictor.predict(profile.confidences(sample), executed, last, scores);
      for (int j = last + 1; j < exits; ++j) {
        const double truth = target_value(profile, sample, j, target);
        squared += (scores[j] - truth) * (scores[j] - truth);
        absolute += std::abs(scores[j] - truth);
        mean_squared += (means[j] - truth) * (means[j] - truth);
        mean_absolute += std::abs(means[j] - truth);
      }
    }
    const double count = static_cast<double>(samples) * (exits - 1 - last);
    errors.squared.push_back(squared / count);
    errors.absolute.push_back(absolute / count);
    errors.mean_squared.push_back(mean_squared / count);
    errors.mean_absolute.push_back(mean_absolute / count);
  }
  return errors;
}

}  // namespace einet::fit
