#include "profile/cs_profile.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "core/half.h"
#include "einet/error.h"
#include "einet/plan.h"

namespace einet::profile {
CsProfile CsProfile::rows(std::span<const int> samples) const {
  CsProfile chosen;
  chosen.exits = exits;
  chosen.labels.reserve(samples.size());
  chosen.predicted.reserve(samples.size() * exits);
  chosen.confidence.reserve(samples.size() * exits);
  chosen.classes = classes;
  const std::size_t row = std::size_t(exits) * classes;
  chosen.log_probability.reserve(samples.size() * row);
  for (const int sample : samples) {
    const auto begin = std::ptrdiff_t(sample) * exits;
    chosen.labels.push_back(labels.at(sample));
    chosen.predicted.insert(chosen.predicted.end(), predicted.begin() + begin, predicted.begin() + begin + exits);
    chosen.confidence.insert(chosen.confidence.end(), confidence.begin() + begin, confidence.begin() + begin + exits);
    const auto first = log_probability.begin() + static_cast<std::ptrdiff_t>(sample * row);
    chosen.log_probability.insert(chosen.log_probability.end(), first, first + static_cast<std::ptrdiff_t>(row));
  }
  return chosen;
}

CsProfile CsProfile::columns(std::span<const int> chosen) const {
  CsProfile result;
  result.exits = static_cast<int>(chosen.size());
  result.labels = labels;
  result.classes = classes;
  for (int sample = 0; sample < samples(); ++sample) {
    for (const int exit : chosen) {
      const std::size_t cell = std::size_t(sample) * exits + exit;
      result.predicted.push_back(predicted.at(cell));
      result.confidence.push_back(confidence.at(cell));
      const auto scores = log_probability.begin() + static_cast<std::ptrdiff_t>(cell * classes);
      result.log_probability.insert(result.log_probability.end(), scores, scores + classes);
    }
  }
  return result;
}

void CsProfile::drop_log_probabilities() {
  classes = 0;
  log_probability = {};
}

float CsProfile::log_probability_at(int sample, int exit, int label) const {
  return half_to_float(log_probability[(std::size_t(sample) * exits + exit) * classes + label]);
}

void CsProfile::log_probabilities(int sample, int exit, std::span<float> out) const {
  const std::uint16_t* from = log_probability.data() + (std::size_t(sample) * exits + exit) * classes;
  for (int k = 0; k < classes; ++k) out[k] = half_to_float(from[k]);
}

double CsProfile::accuracy(int exit) const {
  if (labels.empty()) return 0.0;
  int hits = 0;
  for (int sample = 0; sample < samples(); ++sample) hits += right(sample, exit);
  return static_cast<double>(hits) / samples();
}

std::vector<double> CsProfile::accuracies() const {
  std::vector<double> all;
  for (int exit = 0; exit < exits; ++exit) all.push_back(accuracy(exit));
  return all;
}

void CsProfile::validate(const std::string& name) const {
  const auto fail = [&](const std::string& fault) { throw Error(ErrorKind::kInvalidData, name, fault); };
  if (exits < 1 || exits > plan::kMaxExits) fail("has " + std::to_string(exits) + " exits");
  if (labels.empty()) fail("has no samples");
  const std::size_t cells = labels.size() * exits;
  if (predicted.size() != cells || confidence.size() != cells) {
    fail("has " + std::to_string(labels.size()) + " labels and " + std::to_string(exits) + " exits, but " +
         std::to_string(predicted.size()) + " predictions and " + std::to_string(confidence.size()) + " confidences");
  }
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) fail("sample " + std::to_string(i) + " has a negative label");
  }
  for (std::size_t i = 0; i < cells; ++i) {
    if (predicted[i] >= 0 && confidence[i] >= 0.0f && confidence[i] <= 1.0f) continue;  // false for NaN too
    fail("sample " + std::to_string(i / exits) + ", exit " + std::to_string(i % exits + 1) + ": " +
         (predicted[i] < 0 ? "negative prediction" : "confidence " + std::to_string(confidence[i])));
  }
}

void CsProfile::validate_log_probabilities(const std::string& name) const {
  const auto fail = [&](const std::string& fault) { throw Error(ErrorKind::kInvalidData, name, fault); };
  const std::size_t row = std::size_t(exits) * classes;
  if (log_probability.size() != labels.size() * row) {
    fail("has " + std::to_string(log_probability.size()) + " log-probabilities, expected " +
         std::to_string(labels.size() * row));
  }
  for (std::size_t i = 0; i < log_probability.size(); ++i) {
    const float value = half_to_float(log_probability[i]);
    if (value <= 0.0f && std::isfinite(value)) continue;  // false for NaN too
    fail("sample " + std::to_string(i / row) + ", exit " + std::to_string(i % row / classes + 1) +
         ": log-probability " + std::to_string(value));
  }
}

std::vector<int> held_out_half(int samples, int half) {
  std::vector<int> chosen;
  for (int i = half; i < samples; i += 2) chosen.push_back(i);
  return chosen;
}

double PrecisionReport::lowest_agreement() const { return *std::min_element(agreement.begin(), agreement.end()); }

PrecisionReport compare_precision(const CsProfile& reference, const CsProfile& other) {
  PrecisionReport report{.accuracy = other.accuracies(), .reference_accuracy = reference.accuracies(), .agreement = {}};
  for (int exit = 0; exit < reference.exits; ++exit) {
    int same = 0;
    for (int i = 0; i < reference.samples(); ++i) {
      const std::size_t at = std::size_t(i) * reference.exits + exit;
      same += reference.predicted[at] == other.predicted[at];
    }
    report.agreement.push_back(double(same) / reference.samples());
  }
  return report;
}

}  // namespace einet::profile
