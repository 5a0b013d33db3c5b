#include "cli/timing_options.h"

#include <iostream>

#include "cli/progress_line.h"

namespace einet::cli {

CLI::Option* add_measure_option(CLI::App& command, bool& measure) {
  return command.add_flag("--measure", measure,
                          "Measure the times of this machine now, ignoring the bundle and the cache");
}

void add_timing_options(CLI::App& command, bundle::TimingOptions& options) {
  CLI::Option* measure = add_measure_option(command, options.measure);
  command
      .add_option(
          "--platform", options.platform,
          "Use the times of another machine in the bundle, by platform name (einet bundle info); default: this machine")
      ->excludes(measure);
}

void print_note(const std::string& note) { std::cerr << "einet: " << note << '\n'; }

void print_notes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) print_note(note);
}

bundle::Timing timing_for(const bundle::Bundle& bundle, const bundle::TimingOptions& options) {
  bundle::Timing timing;
  {
    ProgressLine progress;
    timing = bundle::select_timing(bundle, options, progress);
  }
  print_notes(timing.notes);
  return timing;
}

}  // namespace einet::cli
