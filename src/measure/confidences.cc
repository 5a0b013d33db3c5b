#include "measure/confidences.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <string>

#include "core/half.h"
#include "einet/error.h"
#include "exec/scores.h"

namespace einet::measure {
namespace {

constexpr std::int64_t kBatch = 100;

/// Confidences are rounded to multiples of this: far finer than the samples can resolve, and the archive
/// becomes 40 % smaller.
constexpr float kConfidenceStep = 1.0f / 32768;

float rounded(float confidence) { return std::max(std::round(confidence / kConfidenceStep), 1.0f) * kConfidenceStep; }

/// Runs all exits on the batch in `execution` and stores the answers of its first `count` samples, `first` onwards.
void run_batch(const exec::Program& program, exec::Execution& execution, int first, int count,
               profile::CsProfile& profile) {
  std::vector<float> logarithms(profile.classes);
  for (int exit = 0; exit < profile.exits; ++exit) {
    exec::require_done(execution.run_conv_part(exit, exec::kNeverStop));
    exec::require_done(execution.run_branch(exit, exec::kNeverStop));
    const std::span<const float> outputs = execution.output(exit);
    const std::size_t classes = program.outputs(exit);
    for (int i = 0; i < count; ++i) {
      const exec::TopOne top = exec::top_one(outputs.subspan(i * classes, classes), program.blocks()[exit].head);
      if (!(top.confidence > 0.0f && top.confidence <= 1.0f)) {
        throw Error(ErrorKind::kInvalidData, program.blocks()[exit].output,
                    "gives NaN or an invalid probability for sample " + std::to_string(first + i));
      }
      const std::size_t cell = std::size_t(first + i) * profile.exits + exit;
      profile.predicted[cell] = top.label;
      profile.confidence[cell] = rounded(top.confidence);
      if (!profile.has_log_probabilities()) continue;
      exec::log_probabilities(outputs.subspan(i * classes, classes), program.blocks()[exit].head, top, logarithms);
      std::uint16_t* to = profile.log_probability.data() + cell * profile.classes;
      for (int k = 0; k < profile.classes; ++k) to[k] = float_to_half(logarithms[k]);
    }
  }
}

}  // namespace

profile::CsProfile measure_confidences(const graph::Graph& graph, std::span<const std::int32_t> labels,
                                       const std::function<void(int, std::span<float>)>& fill, Progress& progress,
                                       exec::Precision precision, bool log_probabilities) {
  const int samples = static_cast<int>(labels.size());
  if (samples == 0) throw Error(ErrorKind::kInvalidData, graph.name, "there are no samples to profile on");
  // Networks with a fixed batch size, usually 1, run no other.
  const std::int64_t fixed = graph.inputs.empty() ? -1 : graph.inputs.front().shape.at(0);
  const std::int64_t batch = fixed > 0 ? fixed : std::min<std::int64_t>(kBatch, samples);
  const auto program = exec::compile(graph, {.batch = batch, .precision = precision});
  const auto execution = program->new_execution();

  profile::CsProfile profile;
  profile.exits = program->exits();
  profile.labels.assign(labels.begin(), labels.end());
  profile.predicted.resize(labels.size() * profile.exits);
  profile.confidence.resize(labels.size() * profile.exits);

  if (log_probabilities) {
    profile.classes = exec::class_count(program->outputs(0), program->blocks()[0].head);
    profile.log_probability.resize(profile.confidence.size() * profile.classes);
  }

  std::vector<float> input(program->input_size());
  const std::size_t image = input.size() / batch;
  for (int first = 0; first < samples; first += static_cast<int>(batch)) {
    // The last batch may be partial: the rest of it holds images of an earlier batch, whose answers are ignored.
    const int count = std::min<int>(static_cast<int>(batch), samples - first);
    for (int i = 0; i < count; ++i) fill(first + i, std::span(input).subspan(i * image, image));
    execution->set_input(input);
    run_batch(*program, *execution, first, count, profile);
    progress.update("confidences", first + count, samples, "");
  }
  profile.validate(graph.name);
  return profile;
}

}  // namespace einet::measure
