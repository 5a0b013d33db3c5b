#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "einet/supervisor.h"
#include "runtime/worker_channel.h"

namespace einet {

/// A child process with a channel to it on its standard input. The destructor kills and collects it if it has not
/// been collected before.
class WorkerProcess {
 public:
  /// Starts it in its own process group, so that Control-C at the terminal reaches only the supervisor. Throws
  /// kNotFound and kIo naming the program, kUsage for an empty command.
  explicit WorkerProcess(const std::vector<std::string>& command);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  const WorkerChannel& channel() const noexcept { return *channel_; }
  std::int64_t id() const noexcept { return process_; }
  void kill() noexcept;
  /// Closes this side of the channel and waits briefly for the process to end by itself.
  void ask_to_end() noexcept;
  /// Waits for its end; the other side of the channel must be closed. A process that is still running is killed.
  WorkerEnd collect() noexcept;

 private:
  std::optional<WorkerChannel> channel_;
  pid_t process_ = 0;
  std::uint64_t memory_kills_before_ = 0;
  bool killed_ = false, collected_ = false;
};

}  // namespace einet
