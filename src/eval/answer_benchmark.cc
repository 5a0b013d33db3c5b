#include "eval/answer_benchmark.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <mutex>
#include <random>
#include <span>
#include <thread>

#include "einet/session.h"
#include "einet/time.h"
#include "exec/program.h"
#include "measure/timed_run.h"
#include "profile/statistics.h"
#include "runtime/answer_slot.h"
#include "runtime/model_parts.h"

namespace einet::eval {
namespace {

/// Seconds of single calls, timed in groups.
template <class Call>
std::vector<double> seconds_of(Call call, int samples) {
  constexpr int kGroup = 64;
  const double clock = measure::clock_overhead();
  std::vector<double> seconds(static_cast<std::size_t>(samples));
  for (double& each : seconds) {
    const auto begin = Clock::now();
    for (int i = 0; i < kGroup; ++i) call();
    each = std::max(0.0, Seconds(Clock::now() - begin).count() - clock) / kGroup;
  }
  return seconds;
}

/// Seconds of single reads, each after a publication by a writer on another processor.
std::vector<double> cold_reads(AnswerSlot& slot, AnswerSlot::Writer& writer, int reads) {
  std::atomic<int> asked{0}, published{0};
  std::thread other([&] {
    Answer answer{.label = 1, .exit = 1};
    for (int i = 1; i <= reads; ++i) {
      while (asked.load(std::memory_order_acquire) < i) {
      }
      answer.run = static_cast<std::uint64_t>(i);
      writer.publish(answer);
      published.store(i, std::memory_order_release);
    }
  });
  const double clock = measure::clock_overhead();
  std::vector<double> seconds(static_cast<std::size_t>(reads));
  for (int i = 1; i <= reads; ++i) {
    asked.store(i, std::memory_order_release);
    while (published.load(std::memory_order_acquire) < i) {
    }
    const auto begin = Clock::now();
    const Answer answer = slot.read();
    const double taken = Seconds(Clock::now() - begin).count() - clock;
    seconds[static_cast<std::size_t>(i) - 1] = answer.exists() ? std::max(0.0, taken) : INFINITY;
  }
  other.join();
  return seconds;
}

void spin_until(Clock::time_point moment) {
  while (Clock::now() < moment) {
  }
}

}  // namespace

TimeQuantiles time_quantiles(std::vector<double> seconds) {
  if (seconds.empty()) return {};
  std::sort(seconds.begin(), seconds.end());
  const auto at = [&](double share) { return profile::nearest_rank(seconds, share); };
  return {static_cast<int>(seconds.size()), at(0.5), at(0.99), at(0.999), seconds.back()};
}

SlotTimes measure_slot(int samples) {
  AnswerSlot slot;
  AnswerSlot::Writer writer(slot, 0);
  Answer answer{.label = 1, .exit = 1};
  std::mutex mutex;
  Answer guarded = answer;
  volatile std::int32_t sink = 0;
  SlotTimes times;
  times.publish = time_quantiles(seconds_of(
      [&] {
        ++answer.run;
        writer.publish(answer);
      },
      samples));
  times.read_warm = time_quantiles(seconds_of([&] { sink = slot.read().label; }, samples));
  times.read_cold = time_quantiles(cold_reads(slot, writer, samples));
  times.mutex_write = time_quantiles(seconds_of(
                                         [&] {
                                           const std::lock_guard lock(mutex);
                                           ++guarded.run;
                                         },
                                         samples))
                          .median;
  times.mutex_read = time_quantiles(seconds_of(
                                        [&] {
                                          const std::lock_guard lock(mutex);
                                          sink = guarded.label;
                                        },
                                        samples))
                         .median;
  return times;
}

CutOffTimes measure_cut_offs(const std::shared_ptr<const Model>& model, int cut_offs, unsigned seed) {
  CutOffTimes times;
  const std::vector<double> steps = exec::step_seconds(*model->parts().program, 50);
  if (!steps.empty()) times.longest_step = *std::max_element(steps.begin(), steps.end());
  Session session(model);
  const std::vector<float> image(model->input_size(), 0.5f);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> moments(0.0, 1.1 * model->horizon().count());
  std::vector<double> interrupted, expired;
  const auto ended_early = [&] { return session.state() == RunState::kFinished; };
  for (int k = 0; k < cut_offs; ++k) {
    const auto moment = std::chrono::duration_cast<Clock::duration>(Seconds(moments(random)));
    if (k % 2 == 0) {
      const std::uint64_t run = session.start(image);
      spin_until(Clock::now() + moment);
      const auto called = Clock::now();
      session.interrupt(run);
      const Answer answer = session.latest(run);
      session.wait();
      const auto idle = Clock::now();
      ++times.interrupts;
      if (!ended_early()) interrupted.push_back(Seconds(idle - called).count());
      times.changed += session.latest(run) != answer ? 1 : 0;
      times.wrong_run += answer.exists() && answer.run != run ? 1 : 0;
    } else {
      const auto begin = Clock::now();
      const std::uint64_t run = session.start(image, {.deadline = Seconds(moment), .begin = begin});
      const Answer answer = session.wait();
      const auto idle = Clock::now();
      ++times.deadlines;
      if (!ended_early()) expired.push_back(Seconds(idle - begin - moment).count());
      times.late += answer.exists() && answer.elapsed >= moment ? 1 : 0;
      times.wrong_run += answer.exists() && answer.run != run ? 1 : 0;
    }
  }
  times.interrupt_to_idle = time_quantiles(std::move(interrupted));
  times.deadline_to_idle = time_quantiles(std::move(expired));
  return times;
}

}  // namespace einet::eval
