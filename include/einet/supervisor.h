#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "einet/answer.h"
#include "einet/api.h"
#include "einet/model.h"
#include "einet/session.h"
#include "einet/shared_slot.h"
#include "einet/time.h"

namespace einet {

/// How a worker process ended.
struct WorkerEnd {
  std::int64_t process = 0;
  int exit_status = -1;        ///< -1 when a signal killed it, or when its status is unknown.
  int signal = 0;              ///< 0 when it exited.
  bool out_of_memory = false;  ///< The kernel killed it because memory had run out.
  bool unresponsive = false;   ///< The supervisor killed it (SupervisorOptions::unresponsive_after).
  Clock::time_point time{};
  std::string reason{};  ///< What happened to it, as "was killed by SIGSEGV".
};

struct SupervisorOptions {
  /// Where the worker publishes; null = a slot without a name. Answers of the workers before stay readable.
  std::shared_ptr<SharedSlot> slot = nullptr;
  /// Takes the slot over from a session that is still alive.
  bool take_over = false;
  /// As SessionOptions::persist; this process writes, so that a dying worker takes nothing with it.
  std::filesystem::path persist = {};
  Seconds persist_every{0.005};
  /// A worker that gives no sign of life for this long is killed and replaced. During a run the limit is ten times the
  /// horizon if that is longer. Above 0.
  Seconds unresponsive_after{1.0};
  /// How long a worker may take to load its model.
  Seconds load_limit{600.0};
};

/// Runs inference in a child process, so that a crash, a hang, or the kernel's out-of-memory killer ends that process
/// and not this one. The last answer stays readable, and the child is replaced (docs/runtime.md, "Isolation").
///
///     Supervisor supervisor({"einet", "worker", "model.einet"});
///     const std::uint64_t run = supervisor.start(image, {.deadline = Seconds(0.003)});
///     Answer answer = supervisor.wait();   // at the deadline at the latest, whatever the child does
///
/// The child is any program that calls run_worker(); `einet worker` is one. All functions may be called from any
/// thread, start() from one at a time; they take a lock that is never held for longer than copying an image. A child
/// made by fork() has no supervisor: there start() throws, and waiting ends at once.
class EINET_API Supervisor {
 public:
  /// Starts the worker and waits until it has loaded its model. `command`: the program, found as by a shell, and its
  /// arguments. Throws what the worker throws while it loads; kNotFound and kIo when it cannot be started, kUsage when
  /// it is not a worker or an option makes no sense, kIo for the slot and the file as Session does.
  explicit Supervisor(std::vector<std::string> command, SupervisorOptions options = {});
  ~Supervisor();  ///< Ends the worker.
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Begins a run, as Session::start() does, with the same errors; never waits for the worker. While the worker is
  /// being replaced the run waits for the new one. A run whose worker ends is repeated once if it had no answer;
  /// otherwise it has failed.
  std::uint64_t start(std::span<const float> image, const RunOptions& options = {});
  /// As of Session.
  Answer latest() const;
  Answer latest(std::uint64_t run) const;
  void interrupt(std::uint64_t run);
  void interrupt();
  RunState state() const;
  /// As of Session, but ends at the run's deadline or interrupt even where the worker does not respond.
  Answer wait();
  Answer wait_next(std::uint64_t sequence);
  /// Why the last run failed; empty when it did not.
  std::string failure() const;
  /// Why SupervisorOptions::persist could not be written; empty when it could.
  std::string persist_failure() const;

  /// Number of the worker's process; 0 while there is none.
  std::int64_t process() const;
  /// The last 16 workers that ended, oldest first.
  std::vector<WorkerEnd> ends() const;

  // Of the worker's model.
  int exits() const noexcept;
  std::size_t input_size() const noexcept;  ///< C*H*W
  Seconds horizon() const noexcept;
  const std::string& digest() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// The main part of a worker: loads a model and runs what the supervisor asks for, until that ends. Standard input must
/// be the supervisor's. Errors of `load` and of making the session are reported to the supervisor. `options` are the
/// session's, without slot and persist. Returns the process's exit status. Throws kUsage when no supervisor started
/// this process.
EINET_API int run_worker(const std::function<std::shared_ptr<const Model>()>& load, SessionOptions options = {});

}  // namespace einet
