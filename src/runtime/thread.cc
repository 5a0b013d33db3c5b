#include "runtime/thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <future>
#include <string>
#include <system_error>
#include <utility>

#include "einet/error.h"

namespace einet {
namespace {

std::atomic<std::uint64_t> fork_count{0};
[[maybe_unused]] const int registered =
    ::pthread_atfork(nullptr, nullptr, [] { fork_count.fetch_add(1, std::memory_order_relaxed); });

/// New threads inherit the signal mask of the thread that creates them.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_;
};

[[noreturn]] void fail(int error, const std::string& what) {
  throw Error(error == EINVAL ? ErrorKind::kUsage : ErrorKind::kIo, what, std::strerror(error));
}

/// Configures the calling thread.
void configure(const ThreadOptions& options, std::string_view suffix, int priority,
               const std::vector<int>& processors) {
  constexpr std::size_t kLongestName = 15;
  const std::string name = options.name.substr(0, kLongestName - suffix.size()).append(suffix);
  ::pthread_setname_np(::pthread_self(), name.c_str());
  if (!processors.empty()) {
    cpu_set_t set;
    CPU_ZERO(&set);
    for (const int processor : processors) {
      if (processor < 0 || processor >= CPU_SETSIZE) fail(EINVAL, "processor " + std::to_string(processor));
      CPU_SET(processor, &set);
    }
    if (const int error = ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set); error != 0) {
      fail(error, "processors of the session");
    }
  }
  if (options.scheduling == Scheduling::kInherited) return;
  const bool real_time = options.scheduling != Scheduling::kNormal;
  const int policy = options.scheduling == Scheduling::kFifo     ? SCHED_FIFO
                     : options.scheduling == Scheduling::kNormal ? SCHED_OTHER
                                                                 : SCHED_RR;
  sched_param parameters{};
  parameters.sched_priority = real_time ? priority : 0;
  if (const int error = ::pthread_setschedparam(::pthread_self(), policy, &parameters); error != 0) {
    fail(error, "scheduling of the session at priority " + std::to_string(parameters.sched_priority));
  }
}

}  // namespace

Thread::Thread(const ThreadOptions& options, std::string_view suffix, int priority, std::function<void()> work)
    : Thread(options, suffix, priority, options.processors, std::move(work)) {}

Thread::Thread(const ThreadOptions& options, std::string_view suffix, int priority, std::vector<int> processors,
               std::function<void()> work) {
  std::promise<void> promise;
  std::future<void> configured = promise.get_future();
  try {
    const BlockedSignals blocked;
    thread_ = std::thread([options, suffix, priority, processors = std::move(processors), promise = std::move(promise),
                           work = std::move(work)]() mutable {
      try {
        configure(options, suffix, priority, processors);
      } catch (...) {
        promise.set_exception(std::current_exception());
        return;
      }
      promise.set_value();
      work();
    });
  } catch (const std::system_error& error) {
    throw Error(ErrorKind::kIo, "session", error.what());
  }
  try {
    configured.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

std::uint64_t forks() noexcept { return fork_count.load(std::memory_order_relaxed); }

// GCC warns that its ThreadSanitizer does not support fences; between atomics it misses nothing.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wtsan"
#endif

void advance_and_notify(std::atomic<std::uint32_t>& counter) noexcept {
  counter.fetch_add(1, std::memory_order_release);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  counter.notify_all();
}

void store_and_notify(std::atomic<std::uint32_t>& word, std::uint32_t value) noexcept {
  word.store(value, std::memory_order_release);
  std::atomic_thread_fence(std::memory_order_seq_cst);
  word.notify_all();
}

}  // namespace einet
