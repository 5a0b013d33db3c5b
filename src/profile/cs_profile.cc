#include "einet/profile/cs_profile.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <string>

#include "einet/core/error.h"
#include "einet/exec/program.h"
#include "einet/plan/plan.h"
#include "einet/profile/scores.h"

namespace einet::profile {
namespace {

constexpr std::int64_t kBatch = 100;

/// Confidences are kept as multiples of this: far finer than any number of samples can tell apart, and the archive
/// shrinks by two fifths.
constexpr float kConfidenceStep = 1.0f / 32768;

float rounded(float confidence) { return std::max(std::round(confidence / kConfidenceStep), 1.0f) * kConfidenceStep; }

/// Runs all exits of the batch in `execution` and keeps the answers of its first `count` samples from `first` on.
void run_batch(const exec::Program& program, exec::Execution& execution, int first, int count, CsProfile& profile) {
  const std::atomic<bool> never{false};
  for (int exit = 0; exit < profile.exits; ++exit) {
    execution.run_conv_part(exit, never);
    execution.run_branch(exit, never);
    const std::span<const float> outputs = execution.output(exit);
    const std::size_t classes = program.outputs(exit);
    for (int i = 0; i < count; ++i) {
      const TopOne top = top_one(outputs.subspan(i * classes, classes), program.blocks()[exit].head);
      if (!(top.confidence > 0.0f && top.confidence <= 1.0f)) {
        throw Error(ErrorKind::kInvalidData, program.blocks()[exit].output,
                    "answers sample " + std::to_string(first + i) + " with NaN or no probability");
      }
      const std::size_t cell = std::size_t(first + i) * profile.exits + exit;
      profile.predicted[cell] = top.label;
      profile.confidence[cell] = rounded(top.confidence);
    }
  }
}

}  // namespace

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

CsProfile measure_confidences(const graph::Graph& graph, std::span<const std::int32_t> labels,
                              const std::function<void(int, std::span<float>)>& fill, Progress& progress,
                              exec::Precision precision) {
  const int samples = static_cast<int>(labels.size());
  if (samples == 0) throw Error(ErrorKind::kInvalidData, graph.name, "no samples to profile on");
  // A batch that the file fixes, mostly 1, is the only one that its network can run.
  const std::int64_t fixed = graph.inputs.empty() ? -1 : graph.inputs.front().shape.at(0);
  const std::int64_t batch = fixed > 0 ? fixed : std::min<std::int64_t>(kBatch, samples);
  const auto program = exec::compile(graph, {.batch = batch, .precision = precision});
  const auto execution = program->new_execution();

  CsProfile profile;
  profile.exits = program->exits();
  profile.labels.assign(labels.begin(), labels.end());
  profile.predicted.resize(labels.size() * profile.exits);
  profile.confidence.resize(labels.size() * profile.exits);

  std::vector<float> input(program->input_size());
  const std::size_t image = input.size() / batch;
  for (int first = 0; first < samples; first += static_cast<int>(batch)) {
    // The last batch may be partial: what an earlier one left in its tail is run along and thrown away.
    const int count = std::min<int>(static_cast<int>(batch), samples - first);
    for (int i = 0; i < count; ++i) fill(first + i, std::span(input).subspan(i * image, image));
    execution->set_input(input);
    run_batch(*program, *execution, first, count, profile);
    progress.update("confidences", first + count, samples, "");
  }
  profile.validate(graph.name);
  return profile;
}

}  // namespace einet::profile
