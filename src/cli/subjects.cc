#include "cli/subjects.h"

#include "cli/progress_line.h"
#include "cli/timing_options.h"

namespace einet::cli {

std::vector<eval::Subject> subjects_for(const std::vector<std::filesystem::path>& bundles,
                                        const bundle::TimingOptions& options) {
  std::vector<eval::Subject> subjects;
  {
    ProgressLine progress;
    subjects = eval::load_subjects(bundles, options, progress);
  }
  for (const eval::Subject& subject : subjects) print_notes(subject.notes);
  return subjects;
}

}  // namespace einet::cli
