#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "einet/session.h"
#include "einet/supervisor.h"

namespace einet::cli {

/// Runs images one after the other, in this process or in a worker.
class Runner {
 public:
  virtual ~Runner() = default;
  virtual Seconds horizon() const = 0;
  virtual void start(std::span<const float> image, const RunOptions& options) = 0;
  /// Calls `show` for every published answer of the current run, in order, as soon as it is available, until the
  /// run ends.
  virtual void stream(const std::function<void(const Answer&)>& show) = 0;
  /// Waits for the end of the run. The answer may be none or the initial one.
  virtual Answer wait() = 0;
  /// All answers of the finished run, in order.
  virtual std::vector<Answer> answers() = 0;
  virtual RunState state() const = 0;
  virtual std::string failure() const = 0;
  virtual std::string persist_failure() const = 0;
  /// Workers that have ended since the last call.
  virtual std::vector<WorkerEnd> new_ends() { return {}; }
};

std::unique_ptr<Runner> session_runner(std::shared_ptr<const Model> model, SessionOptions options);
/// Reads answers from the slot, so answers published within microseconds of each other may be missed.
std::unique_ptr<Runner> supervised_runner(std::vector<std::string> command, SupervisorOptions options);

}  // namespace einet::cli
