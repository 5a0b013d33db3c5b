#include "eval/subject.h"

#include <array>
#include <utility>

namespace einet::eval {

std::vector<Subject> load_subjects(std::span<const std::filesystem::path> paths, const bundle::TimingOptions& options,
                                   Progress& progress) {
  std::vector<Subject> subjects;
  for (const std::filesystem::path& path : paths) {
    subjects.emplace_back().bundle = bundle::load_bundle(path);
    subjects.back().bundle.measured_confidences();
  }
  for (Subject& subject : subjects) {
    bundle::Timing timing = bundle::select_timing(subject.bundle, options, progress);
    subject.times = timing.times();
    subject.platform = timing.profile.platform.name;
    subject.busy = timing.profile.busy();
    subject.program = std::move(timing.program);
    subject.notes = std::move(timing.notes);
  }
  return subjects;
}

Subject load_subject(const std::filesystem::path& path, const bundle::TimingOptions& options, Progress& progress) {
  return std::move(load_subjects(std::array{path}, options, progress).front());
}

Report evaluate(const Subject& subject, EvalOptions options) {
  options.platform = subject.platform;
  options.program = subject.program;
  return evaluate(subject.bundle, subject.times, options);
}

}  // namespace einet::eval
