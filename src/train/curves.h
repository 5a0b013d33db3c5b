#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "train/trainer.h"

namespace einet::train {

/// One step of the optimizer.
struct StepReport {
  std::int64_t step = 0;                 ///< From 1, over all epochs.
  int epoch = 0;                         ///< From 1.
  double loss = 0;                       ///< Averaged over the exits by their weights.
  std::vector<double> exit_losses = {};  ///< By exit of the network; NaN if the step did not train it.
  double learning_rate = 0;
  double seconds_left = 0;
};

/// The training curves of one run as files in its checkpoint folder:
///
///     steps.csv   one line per step: step, epoch, loss, rate, seconds left, loss of every exit (empty = not trained)
///     log.csv     one line per epoch: loss, times, expectation, elasticity, rate, accuracy and loss of every exit
///     log.jsonl   the same as JSON, a line with "kind" "step" or "epoch" for each, null = not trained
///
/// Lines of steps are appended, and on disk after flush(). Errors are kIo.
class Curves {
 public:
  explicit Curves(std::filesystem::path directory) : directory_(std::move(directory)) {}

  /// Keeps the lines of the first `steps` steps that an earlier process wrote; later ones will be repeated.
  void resume(std::int64_t steps);
  void add(const StepReport& report);
  /// `epochs`: all finished ones, of which the last ended with step `step`.
  void add(const std::vector<EpochReport>& epochs, std::int64_t step);
  void flush();

 private:
  void append(const char* file, std::string& lines) const;

  std::filesystem::path directory_;
  std::string csv_, json_;   ///< Lines not yet written.
  bool continues_ = false;   ///< Whether the files are those of this run.
  bool has_header_ = false;  ///< Of steps.csv.
};

}  // namespace einet::train
