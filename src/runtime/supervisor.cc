#include "einet/supervisor.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "core/timespec.h"
#include "einet/error.h"
#include "runtime/persister.h"
#include "runtime/shared_memory.h"
#include "runtime/supervised_run.h"
#include "runtime/thread.h"
#include "runtime/worker_channel.h"
#include "runtime/worker_process.h"

namespace einet {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using Guard = std::unique_lock<std::mutex>;

constexpr std::size_t kEndsKept = 16;
constexpr int kFailedLoads = 3;  ///< In succession; after that, runs do not wait for a worker.
constexpr int kBeatsPerLimit = 4;
constexpr double kHorizonsOfSilence = 10.0;
constexpr nanoseconds kFirstPause = milliseconds(10), kLongestPause = std::chrono::seconds(10);
constexpr nanoseconds kHealthy = std::chrono::seconds(10);  ///< A worker that lives this long is not in a crash loop.
constexpr Seconds kLongestLimit{1e9};

nanoseconds to_limit(Seconds limit, const char* what) {
  if (!(limit > Seconds(0))) throw Error(ErrorKind::kUsage, what, "must be above 0");
  return std::chrono::ceil<nanoseconds>(std::min(limit, kLongestLimit));
}

/// The error caught in the worker; `text` is its what().
Error remote_error(std::int64_t kind, std::string_view text) {
  const std::size_t colon = std::min(text.find(": "), text.size());
  return {static_cast<ErrorKind>(kind), text.substr(0, colon), text.substr(std::min(colon + 2, text.size()))};
}

std::string in_milliseconds(nanoseconds time) {
  return std::to_string(std::chrono::ceil<milliseconds>(time).count()) + " ms";
}

}  // namespace

// The monitor thread starts and collects workers, receives their messages, and closes runs at their deadline. All other
// functions only access the state below, under the mutex, and send messages, which never blocks.
struct Supervisor::Impl {
  Impl(std::vector<std::string> worker_command, SupervisorOptions supervisor_options);
  ~Impl();

  bool forked() const noexcept { return forks() != made_after_forks; }
  /// The result of `read` under the mutex; none in a forked child, where the mutex may be locked by a missing thread.
  template <class Read>
  std::invoke_result_t<Read> locked(Read read) const {
    if (forked()) return {};
    const Guard guard(mutex);
    return read();
  }
  void await_first_worker();
  std::uint64_t start(std::span<const float> image, const RunOptions& run_options);
  void interrupt(std::uint64_t number);

  // Under the mutex.
  void send_request();
  void handle(const Message& message);
  void handle_ready(const Message& message);
  bool busy() const { return ended < sent; }
  nanoseconds patience() const;
  Clock::time_point worker_limit() const;
  void check_times();
  void worker_ended(WorkerEnd end);

  // The monitor thread.
  void monitor() noexcept;
  void start_worker();
  void receive_messages();
  void sleep_until(Clock::time_point time) const;

  const std::vector<std::string> command;
  const SupervisorOptions options;
  const nanoseconds unresponsive_after, load_limit;
  const std::uint64_t made_after_forks = forks();
  const std::shared_ptr<SharedSlot> slot;
  const io::Descriptor images_file;
  const io::Descriptor wake;  ///< An eventfd that wakes the monitor.

  // Of the model; constant once the first worker is ready.
  int exits = 0;
  std::size_t input_size = 0;
  Seconds horizon{0};
  std::string digest;
  std::optional<ImageExchange> images;

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  SupervisedRun run;
  // The worker.
  std::unique_ptr<WorkerProcess> worker;  ///< Changed only by the monitor.
  bool ready = false;
  bool unresponsive = false;          ///< And was killed for that.
  std::uint64_t sent = 0, ended = 0;  ///< Its last run, and the last one whose end it reported.
  Clock::time_point started, last_sign, last_progress;
  Clock::time_point next_start;  ///< Of a worker, if there is none.
  int failed_loads = 0, early_ends = 0;
  std::string load_failure;
  std::optional<Error> first_error;  ///< Of the first worker.
  std::vector<WorkerEnd> ends;
  bool quit = false;

  std::optional<Thread> thread;
  std::optional<Persister> persister;  ///< Calls latest().
};

Supervisor::Impl::Impl(std::vector<std::string> worker_command, SupervisorOptions supervisor_options)
    : command(std::move(worker_command)),
      options(std::move(supervisor_options)),
      unresponsive_after(to_limit(options.unresponsive_after, "unresponsive_after")),
      load_limit(to_limit(options.load_limit, "load_limit")),
      slot(options.slot ? options.slot : SharedSlot::create_anonymous()),
      images_file(ImageExchange::make_file()),
      wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      run(slot) {
  if (!wake.valid()) throw io::io_error("supervisor", "start");
  thread.emplace(ThreadOptions{}, "-watch", 0, [this] { monitor(); });
}

void Supervisor::Impl::await_first_worker() {
  {
    Guard guard(mutex);
    changed.wait(guard, [this] { return ready || first_error; });
    if (first_error) throw *first_error;
  }
  if (options.persist.empty()) return;
  const auto read = [this] { return locked([this] { return run.latest(); }); };
  persister.emplace(read, options.persist, options.persist_every, digest, ThreadOptions{});
}

Supervisor::Impl::~Impl() {
  persister.reset();
  {
    const Guard guard(mutex);
    quit = true;
  }
  ::eventfd_write(wake.get(), 1);
  thread.reset();
}

std::uint64_t Supervisor::Impl::start(std::span<const float> image, const RunOptions& run_options) {
  const Clock::time_point now = Clock::now();
  if (forked())
    throw Error(ErrorKind::kUsage, "supervisor", "was created before fork() and cannot be used in the child process");
  if (image.size() != input_size) {
    throw Error(ErrorKind::kInvalidData, "image",
                "has " + std::to_string(image.size()) + " values, but the input of the model has " +
                    std::to_string(input_size));
  }
  if (const auto bad = std::find_if_not(image.begin(), image.end(), [](float value) { return std::isfinite(value); });
      bad != image.end()) {
    throw Error(ErrorKind::kInvalidData, "image", "value " + std::to_string(bad - image.begin()) + " is not finite");
  }
  const Guard guard(mutex);
  const std::uint64_t number = run.begin(run_options, now);
  images->write(number, image);
  if (run.running() && ready) send_request();
  if (run.running() && failed_loads >= kFailedLoads) {
    run.close(RunState::kFailed, "no worker could be started: " + load_failure);
  }
  changed.notify_all();
  ::eventfd_write(wake.get(), 1);  // The monitor has a new deadline or response time to watch.
  return number;
}

void Supervisor::Impl::interrupt(std::uint64_t number) {
  if (forked()) return;
  const Guard guard(mutex);
  if (!run.interrupt(number)) return;
  if (ready) static_cast<void>(worker->channel().send({.kind = MessageKind::kInterrupt, .run = run.number()}));
  changed.notify_all();
}

void Supervisor::Impl::send_request() {
  if (!worker->channel().send(run.request()))
    return;  // It has ended, or will be found unresponsive; its successor gets the run.
  if (!busy()) last_progress = Clock::now();
  sent = run.number();
}

void Supervisor::Impl::handle(const Message& message) {
  last_sign = Clock::now();
  switch (message.kind) {
    case MessageKind::kReady:
      handle_ready(message);
      break;
    case MessageKind::kFailed:
      load_failure = message.text.data();
      if (exits == 0) first_error = remote_error(message.state, load_failure);
      break;
    case MessageKind::kAnswered:
      last_progress = last_sign;
      break;
    case MessageKind::kEnded:
      last_progress = last_sign;
      ended = std::max(ended, std::min(message.run, sent));
      early_ends = 0;
      if (message.run == run.number() && run.running()) {
        run.close(static_cast<RunState>(message.state), message.text.data());
      }
      break;
    default:
      break;
  }
  changed.notify_all();
}

void Supervisor::Impl::handle_ready(const Message& message) {
  const std::string theirs(message.text.data());
  if (exits == 0) {
    exits = static_cast<int>(message.exits);
    input_size = message.input_size;
    horizon = Seconds(message.horizon);
    digest = theirs;
    run.set_initial(static_cast<Initial>(message.initial), message.frequent);
    images.emplace(images_file, input_size, /*writable=*/true);
  } else if (input_size != message.input_size || digest != theirs) {
    load_failure = "it has loaded another model than the previous worker";
    worker->kill();
    return;
  }
  ready = true;
  failed_loads = 0;
  sent = ended = 0;
  if (run.running()) send_request();
}

nanoseconds Supervisor::Impl::patience() const {
  return std::max(unresponsive_after, std::chrono::ceil<nanoseconds>(kHorizonsOfSilence * horizon));
}

/// When the worker is killed unless it sends a message before.
Clock::time_point Supervisor::Impl::worker_limit() const {
  if (!worker || unresponsive) return Clock::time_point::max();
  if (!ready) return started + load_limit;
  const Clock::time_point beat = last_sign + unresponsive_after;
  return busy() ? std::min(beat, last_progress + patience()) : beat;
}

void Supervisor::Impl::check_times() {
  const Clock::time_point now = Clock::now();
  if (now >= run.deadline()) {
    run.close(RunState::kInterrupted);
    changed.notify_all();
  }
  if (now < worker_limit()) return;
  unresponsive = true;
  worker->kill();
}

void Supervisor::Impl::worker_ended(WorkerEnd end) {
  const bool was_ready = ready;
  end.unresponsive = unresponsive;
  if (unresponsive) {
    end.reason = was_ready ? "did not respond for " + in_milliseconds(busy() ? patience() : unresponsive_after) +
                                 " and was killed"
                           : "did not load its model within " + in_milliseconds(load_limit) + " and was killed";
  } else if (!was_ready) {
    end.reason += load_failure.empty() ? " before it loaded a model" : ": " + load_failure;
  }
  const std::string why = "the worker " + end.reason;
  early_ends = end.time - started < kHealthy ? early_ends + 1 : 1;
  if (!was_ready) {
    ++failed_loads;
    load_failure = why;
    if (exits == 0 && !first_error) first_error = Error(ErrorKind::kUsage, command.front(), why);
  }
  if (run.running() && was_ready && sent == run.number()) run.lose_worker(why);
  if (run.running() && failed_loads >= kFailedLoads) run.close(RunState::kFailed, why);
  if (ends.size() == kEndsKept) ends.erase(ends.begin());
  ends.push_back(std::move(end));
  ready = unresponsive = false;
  nanoseconds pause{0};
  if (early_ends > 1) pause = kFirstPause * (1 << std::min(early_ends - 2, 10));
  next_start = Clock::now() + std::min(pause, kLongestPause);
  changed.notify_all();
}

void Supervisor::Impl::monitor() noexcept {
  for (;;) {
    Guard guard(mutex);
    if (quit || first_error) break;
    check_times();
    const bool due = !worker && Clock::now() >= next_start;
    const Clock::time_point next = worker ? worker_limit() : next_start;
    const Clock::time_point wake_at = std::min(next, run.deadline());
    guard.unlock();
    if (due) {
      start_worker();
    } else {
      sleep_until(wake_at);
      receive_messages();
    }
  }
  if (worker && ready) worker->ask_to_end();
  worker.reset();
}

void Supervisor::Impl::start_worker() {
  std::unique_ptr<WorkerProcess> fresh;
  std::optional<Error> error;
  try {
    fresh = std::make_unique<WorkerProcess>(command);
    Message setup{.kind = MessageKind::kSetup};
    setup.beat = unresponsive_after.count() / kBeatsPerLimit;
    setup.set_text(slot->impl().name);
    setup.state = options.take_over && exits == 0 ? 1 : 0;
    const std::array<int, 2> files{slot->descriptor(), images_file.get()};
    static_cast<void>(fresh->channel().send(setup, files));
  } catch (const Error& caught) {
    error = caught;
  }
  const Guard guard(mutex);
  started = last_sign = last_progress = Clock::now();
  load_failure.clear();
  worker = std::move(fresh);
  if (!error) return;
  if (exits == 0) first_error = error;
  load_failure = error->what();
  worker_ended({.time = started, .reason = "could not be started"});
}

void Supervisor::Impl::receive_messages() {
  if (!worker) return;
  Message message;
  for (;;) {
    switch (worker->channel().receive(message)) {
      case Received::kNothing:
        return;
      case Received::kMessage: {
        const Guard guard(mutex);
        handle(message);
        break;
      }
      case Received::kEnd: {
        Guard guard(mutex);
        const std::unique_ptr<WorkerProcess> gone = std::move(worker);
        guard.unlock();
        WorkerEnd end = gone->collect();
        guard.lock();
        worker_ended(std::move(end));
        return;
      }
    }
  }
}

void Supervisor::Impl::sleep_until(Clock::time_point time) const {
  std::array<pollfd, 2> files{pollfd{wake.get(), POLLIN, 0},
                              pollfd{worker ? worker->channel().descriptor() : -1, POLLIN, 0}};
  const nanoseconds left = std::clamp<nanoseconds>(time - Clock::now(), nanoseconds(0), std::chrono::hours(1));
  const timespec pause = to_timespec(left);
  if (::ppoll(files.data(), files.size(), &pause, nullptr) <= 0 || files[0].revents == 0) return;
  eventfd_t count = 0;
  ::eventfd_read(wake.get(), &count);
}

Supervisor::Supervisor(std::vector<std::string> command, SupervisorOptions options)
    : impl_(std::make_unique<Impl>(std::move(command), std::move(options))) {
  impl_->await_first_worker();
}

Supervisor::~Supervisor() {
  if (impl_->forked()) static_cast<void>(impl_.release());  // The thread and the worker belong to the parent.
}

std::uint64_t Supervisor::start(std::span<const float> image, const RunOptions& options) {
  return impl_->start(image, options);
}

Answer Supervisor::latest() const {
  return impl_->forked() ? impl_->slot->read() : impl_->locked([this] { return impl_->run.latest(); });
}

Answer Supervisor::latest(std::uint64_t run) const {
  return impl_->locked([&] { return impl_->run.latest(run); });
}

void Supervisor::interrupt(std::uint64_t run) { impl_->interrupt(run); }

void Supervisor::interrupt() {
  impl_->interrupt(impl_->locked([this] { return impl_->run.number(); }));
}

RunState Supervisor::state() const {
  return impl_->locked([this] { return impl_->run.state(); });
}

Answer Supervisor::wait() {
  if (impl_->forked()) return {};
  Guard guard(impl_->mutex);
  const SupervisedRun& run = impl_->run;
  impl_->changed.wait(guard, [&run] { return !run.running(); });
  return run.state() == RunState::kIdle ? Answer{} : run.latest(run.number());
}

Answer Supervisor::wait_next(std::uint64_t sequence) {
  if (impl_->forked()) return {};
  Guard guard(impl_->mutex);
  Answer answer;
  impl_->changed.wait(guard, [&] {
    answer = impl_->run.latest();
    return !impl_->run.running() || (answer.exists() && answer.sequence > sequence);
  });
  return answer;
}

std::string Supervisor::failure() const {
  return impl_->locked([this] { return impl_->run.failure(); });
}

std::string Supervisor::persist_failure() const {
  return impl_->persister && !impl_->forked() ? impl_->persister->failure() : std::string();
}

std::int64_t Supervisor::process() const {
  return impl_->locked([this] { return impl_->worker ? impl_->worker->id() : 0; });
}

std::vector<WorkerEnd> Supervisor::ends() const {
  return impl_->locked([this] { return impl_->ends; });
}

int Supervisor::exits() const noexcept { return impl_->exits; }
std::size_t Supervisor::input_size() const noexcept { return impl_->input_size; }
Seconds Supervisor::horizon() const noexcept { return impl_->horizon; }
const std::string& Supervisor::digest() const noexcept { return impl_->digest; }

}  // namespace einet
