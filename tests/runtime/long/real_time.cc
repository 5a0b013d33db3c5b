// Deadlines and interrupts on one processor under SCHED_FIFO. The worker must be preempted there: by the timer thread
// at a deadline, and by the thread that calls interrupt(). Both sleep until the same moment, so both are late by what
// the kernel takes to wake a thread of higher priority; from then on the run ends at its next primitive.

#include <sched.h>
#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <random>
#include <thread>

#include "core/timespec.h"
#include "einet/error.h"
#include "einet/session.h"
#include "eval/answer_benchmark.h"
#include "exec/program.h"
#include "runtime/long/long.h"
#include "runtime/model_parts.h"

namespace einet::testing {
namespace {

constexpr int kWorkerPriority = 40, kCallerPriority = 60;

void sleep_until(Clock::time_point moment) {
  const timespec time = to_timespec(std::chrono::nanoseconds(moment.time_since_epoch()));
  while (::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, nullptr) == EINTR) {
  }
}

/// The calling thread on one processor at this priority; throws kIo if that is not permitted.
void become_real_time(int processor, int priority) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  sched_param parameters{};
  parameters.sched_priority = priority;
  if (::sched_setaffinity(0, sizeof set, &set) != 0 || ::sched_setscheduler(0, SCHED_FIFO, &parameters) != 0) {
    throw Error(ErrorKind::kIo, "SCHED_FIFO", std::strerror(errno));
  }
}

/// Threads without priority that use the processor whenever they can.
class BusyThreads {
 public:
  explicit BusyThreads(int count) {
    for (int i = 0; i < count; ++i) {
      threads_.emplace_back([this] {
        while (!over_.load(std::memory_order_relaxed)) {
        }
      });
    }
  }
  ~BusyThreads() {
    over_ = true;
    for (std::thread& thread : threads_) thread.join();
  }
  BusyThreads(const BusyThreads&) = delete;
  BusyThreads& operator=(const BusyThreads&) = delete;

 private:
  std::atomic<bool> over_{false};
  std::vector<std::thread> threads_;
};

}  // namespace

int real_time(const std::string& bundle, int count) {
  const auto model = Model::load(bundle);
  const std::vector<double> steps = exec::step_seconds(*model->parts().program, 50);
  const BusyThreads busy(static_cast<int>(std::thread::hardware_concurrency()));
  const int processor = static_cast<int>(std::thread::hardware_concurrency()) - 1;
  SessionOptions options;
  options.threads = {
      .processors = {processor}, .scheduling = Scheduling::kFifo, .priority = kWorkerPriority, .lock_memory = true};
  Session session(model, options);
  become_real_time(processor, kCallerPriority);
  const std::vector<float> image(model->input_size(), 0.5f);
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> moments(0.1, 0.9);
  std::vector<double> interrupted, expired;
  int changed = 0, late = 0, ended = 0;
  for (int k = 0; k < count; ++k) {
    const auto moment = std::chrono::duration_cast<Clock::duration>(moments(random) * model->horizon());
    const auto begin = Clock::now();
    const bool by_interrupt = k % 2 == 0;
    RunOptions terms{.begin = begin};
    if (!by_interrupt) terms.deadline = Seconds(moment);
    const std::uint64_t run = session.start(image, terms);
    Answer answer;
    if (by_interrupt) {
      sleep_until(begin + moment);
      session.interrupt(run);
      answer = session.latest(run);
    }
    const Answer last = session.wait();
    const double idle = Seconds(Clock::now() - begin - moment).count();
    if (session.state() == RunState::kFinished) {
      ++ended;
      continue;
    }
    (by_interrupt ? interrupted : expired).push_back(idle);
    if (by_interrupt) {
      changed += last != answer ? 1 : 0;
    } else {
      late += last.exists() && last.elapsed >= moment ? 1 : 0;
    }
  }
  sched_param none{};
  ::sched_setscheduler(0, SCHED_OTHER, &none);
  std::printf("%d runs, %d ended before: %d answers changed after an interrupt, %d published after a deadline\n", count,
              ended, changed, late);
  std::printf("from the moment of the interrupt to idle: %s\n", in_microseconds(interrupted).c_str());
  std::printf("from the deadline to idle: %s\n", in_microseconds(expired).c_str());
  std::printf("longest primitive: %.1f us\n",
              steps.empty() ? 0.0 : 1e6 * *std::max_element(steps.begin(), steps.end()));
  return changed + late;
}

}  // namespace einet::testing
