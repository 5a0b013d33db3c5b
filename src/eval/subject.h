#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "bundle/timing.h"
#include "core/progress.h"
#include "eval/compare.h"
#include "eval/report.h"

namespace einet::eval {

/// A bundle under test, with the times that it is planned and simulated with.
struct Subject {
  bundle::Bundle bundle;  ///< Has a CS-profile.
  plan::BlockTimes times;
  std::string platform;                          ///< Of the times.
  bool busy = false;                             ///< The times were measured on a busy machine.
  std::shared_ptr<const exec::Program> program;  ///< The network that was timed; null for times of another machine.
  std::vector<std::string> notes;                ///< Lines for the user (bundle::Timing::notes).

  /// Valid as long as this object, at its present address.
  Candidate candidate() const { return {&bundle, times, platform, busy}; }
};

/// Loads a bundle and selects its times. Throws what bundle::load_bundle(), measured_confidences() and
/// bundle::select_timing() throw.
Subject load_subject(const std::filesystem::path& path, const bundle::TimingOptions& options,
                     Progress& progress = Progress::none());

/// The same for several, in their order. All are loaded before the first is timed, so that a missing one is reported at
/// once.
std::vector<Subject> load_subjects(std::span<const std::filesystem::path> paths, const bundle::TimingOptions& options,
                                   Progress& progress = Progress::none());

/// evaluate() with the subject's times. `options.platform` and `options.program` are ignored.
Report evaluate(const Subject& subject, EvalOptions options = {});

}  // namespace einet::eval
