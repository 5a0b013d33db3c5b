// The worker's side of a supervisor. The main thread receives messages and starts and interrupts runs; a second thread
// waits for answers and the ends of runs and reports them, so that publishing an answer never waits for the socket.

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/timespec.h"
#include "einet/error.h"
#include "einet/supervisor.h"
#include "runtime/model_parts.h"
#include "runtime/run_terms.h"
#include "runtime/shared_memory.h"
#include "runtime/thread.h"
#include "runtime/worker_channel.h"

namespace einet {
namespace {

using std::chrono::nanoseconds;

/// If memory runs out, the kernel should kill this process rather than its supervisor.
void be_first_to_be_killed() {
  constexpr int kAdjustment = 500;  // The maximum is 1000; lowering it needs a privilege.
  int current = 0;
  std::ifstream("/proc/self/oom_score_adj") >> current;
  if (current < kAdjustment) std::ofstream("/proc/self/oom_score_adj") << kAdjustment;
}

WorkerChannel supervisors_channel() {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(STDIN_FILENO, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_SEQPACKET) {
    throw Error(ErrorKind::kUsage, "worker",
                "was not started by a supervisor; use einet::Supervisor or einet run --isolate");
  }
  return WorkerChannel(io::Descriptor(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)));
}

/// A session that a supervisor controls.
class Worker {
 public:
  Worker(const WorkerChannel& channel, const std::shared_ptr<const Model>& model, const SessionOptions& options,
         const io::Descriptor& images)
      : channel_(channel),
        images_(images, model->input_size(), /*writable=*/false),
        image_(model->input_size()),
        session_(model, options),
        reporter_(ThreadOptions{}, "-report", 0, [this] { report(); }) {
    Message ready{.kind = MessageKind::kReady, .exits = model->exits()};
    ready.input_size = model->input_size();
    ready.horizon = model->horizon().count();
    ready.initial = static_cast<std::int64_t>(options.initial);
    ready.frequent = model->parts().frequent;
    ready.set_text(model->digest());
    channel_.send(ready);
  }

  /// Returns when the supervisor ends.
  void serve(nanoseconds beat) {
    const timespec pause = to_timespec(beat);
    Message message;
    for (;;) {
      switch (channel_.receive(message)) {
        case Received::kEnd:
          return quit();
        case Received::kMessage:
          handle(message);
          break;
        case Received::kNothing: {
          pollfd file{channel_.descriptor(), POLLIN, 0};
          if (::ppoll(&file, 1, &pause, nullptr) == 0) channel_.send({.kind = MessageKind::kBeat});
        }
      }
    }
  }

 private:
  void handle(const Message& message) {
    if (message.kind == MessageKind::kInterrupt) session_.interrupt(message.run);
    if (message.kind != MessageKind::kStart || !images_.read(message.run, image_)) return;
    RunOptions options{.frame = message.frame, .number = message.run};
    options.begin = Clock::time_point(nanoseconds(message.begin));
    if (message.deadline != kNoRunDeadline.count()) options.deadline = nanoseconds(message.deadline);
    if (message.publish != Message::kNone) options.publish = static_cast<Publish>(message.publish);
    const std::lock_guard guard(mutex_);
    try {
      session_.start(image_, options);
    } catch (const Error& error) {
      Message failed{.kind = MessageKind::kEnded, .run = message.run, .state = static_cast<int>(RunState::kFailed)};
      failed.set_text(error.what());
      channel_.send(failed);
      return;
    }
    run_ = message.run;
    advance_and_notify(starts_);
  }

  void quit() {
    session_.interrupt();
    quit_.store(true, std::memory_order_relaxed);
    advance_and_notify(starts_);
  }

  void report() noexcept {
    std::uint64_t sequence = 0;
    for (std::uint32_t seen = 0;;) {
      starts_.wait(seen, std::memory_order_acquire);
      seen = starts_.load(std::memory_order_acquire);
      if (quit_.load(std::memory_order_relaxed)) return;
      for (bool over = false; !over;) {
        const Answer answer = session_.wait_next(sequence);
        // Without the mutex, the next run could start between reading the state and reading the number.
        const std::lock_guard guard(mutex_);
        over = session_.state() != RunState::kRunning;
        if (answer.sequence > sequence && !over) channel_.send({.kind = MessageKind::kAnswered});
        sequence = std::max(sequence, answer.sequence);
        if (!over) continue;
        Message ended{.kind = MessageKind::kEnded, .run = run_, .state = static_cast<int>(session_.state())};
        ended.set_text(session_.failure());
        channel_.send(ended);
      }
    }
  }

  const WorkerChannel& channel_;
  const ImageExchange images_;
  std::vector<float> image_;
  Session session_;
  std::mutex mutex_;       ///< Held while a run is started or its end is reported.
  std::uint64_t run_ = 0;  ///< The last run; guarded by the mutex.
  std::atomic<std::uint32_t> starts_{0};
  std::atomic<bool> quit_{false};
  Thread reporter_;
};

}  // namespace

int run_worker(const std::function<std::shared_ptr<const Model>()>& load, SessionOptions options) {
  const WorkerChannel channel = supervisors_channel();
  be_first_to_be_killed();
  const auto fail = [&channel](ErrorKind kind, const char* why) {
    Message failed{.kind = MessageKind::kFailed, .state = static_cast<int>(kind)};
    failed.set_text(why);
    channel.send(failed);
    return 1;
  };
  Message setup;
  std::array<std::optional<io::Descriptor>, 2> files;
  pollfd file{channel.descriptor(), POLLIN, 0};
  while (::poll(&file, 1, -1) < 0 && errno == EINTR) {
  }
  if (channel.receive(setup, files) != Received::kMessage || setup.kind != MessageKind::kSetup || !files[0] ||
      !files[1]) {
    return fail(ErrorKind::kUnsupported,
                "worker: the supervisor has another version of EINet; install the same version for both");
  }
  std::optional<Worker> worker;
  try {
    options.slot = SharedSlot::Impl::reopen(files[0]->get(), setup.text.data());
    options.take_over = setup.state != 0;
    options.persist.clear();
    options.deadlines = true;
    worker.emplace(channel, load(), options, *files[1]);
  } catch (const Error& error) {
    return fail(error.kind(), error.what());
  } catch (const std::bad_alloc&) {
    return fail(ErrorKind::kIo, "worker: not enough memory for the model");
  } catch (const std::exception& error) {
    return fail(ErrorKind::kInternal, error.what());
  }
  worker->serve(nanoseconds(setup.beat));
  return 0;
}

}  // namespace einet
