#include "profile/cs_profile.h"

#include <algorithm>
#include <string>

#include "einet/error.h"
#include "einet/plan.h"

namespace einet::profile {
CsProfile CsProfile::rows(std::span<const int> samples) const {
  CsProfile chosen;
  chosen.exits = exits;
  chosen.labels.reserve(samples.size());
  chosen.predicted.reserve(samples.size() * exits);
  chosen.confidence.reserve(samples.size() * exits);
  for (const int sample : samples) {
    const auto begin = std::ptrdiff_t(sample) * exits;
    chosen.labels.push_back(labels.at(sample));
    chosen.predicted.insert(chosen.predicted.end(), predicted.begin() + begin, predicted.begin() + begin + exits);
    chosen.confidence.insert(chosen.confidence.end(), confidence.begin() + begin, confidence.begin() + begin + exits);
  }
  return chosen;
}

CsProfile CsProfile::columns(std::span<const int> chosen) const {
  CsProfile result;
  result.exits = static_cast<int>(chosen.size());
  result.labels = labels;
  for (int sample = 0; sample < samples(); ++sample) {
    for (const int exit : chosen) {
      const std::size_t cell = std::size_t(sample) * exits + exit;
      result.predicted.push_back(predicted.at(cell));
      result.confidence.push_back(confidence.at(cell));
    }
  }
  return result;
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
