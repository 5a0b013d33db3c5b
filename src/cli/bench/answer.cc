
#include <algorithm>
#include <atomic>
#include <iomanip>
#include <iostream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "cli/bench/bench.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "einet/time.h"
#include "measure/timed_run.h"
#include "runtime/answer_slot.h"

namespace einet::cli {
namespace {

/// Median over `rounds` of the mean seconds of one call.
template <class Call>
double median_seconds(Call call, int rounds = 51, int calls = 20000) {
  std::vector<double> means;
  for (int round = 0; round < rounds; ++round) {
    const auto begin = Clock::now();
    for (int i = 0; i < calls; ++i) call(i);
    means.push_back(Seconds(Clock::now() - begin).count() / calls);
  }
  std::nth_element(means.begin(), means.begin() + rounds / 2, means.end());
  return means[rounds / 2];
}

/// Seconds of single reads, each after a publication by a writer on another processor.
std::vector<double> cold_reads(AnswerSlot& slot, AnswerSlot::Writer& writer, int reads = 20000) {
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
  std::vector<double> seconds(static_cast<std::size_t>(reads));
  for (int i = 1; i <= reads; ++i) {
    asked.store(i, std::memory_order_release);
    while (published.load(std::memory_order_acquire) < i) {
    }
    const auto begin = Clock::now();
    const Answer answer = slot.read();
    const double taken = Seconds(Clock::now() - begin).count();
    seconds[static_cast<std::size_t>(i) - 1] = answer.exists() ? taken : 0.0;
  }
  other.join();
  const double clock = measure::clock_overhead();
  for (double& each : seconds) each = std::max(0.0, each - clock);
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

/// Publishing and reading an answer, compared with a mutex.
void bench_answer(bool json) {
  AnswerSlot slot;
  AnswerSlot::Writer writer(slot, 0);
  Answer answer;
  answer.label = answer.exit = 1;
  std::mutex mutex;
  Answer guarded = answer;
  volatile std::int32_t sink = 0;
  const double publish = median_seconds([&](int i) {
    answer.run = static_cast<std::uint64_t>(i);
    writer.publish(answer);
  });
  const double read = median_seconds([&](int) { sink = slot.read().label; });
  const double locked_write = median_seconds([&](int i) {
    const std::lock_guard lock(mutex);
    guarded.run = static_cast<std::uint64_t>(i);
  });
  const double locked_read = median_seconds([&](int) {
    const std::lock_guard lock(mutex);
    sink = guarded.label;
  });
  const std::vector<double> cold = cold_reads(slot, writer);
  const double cold_median = cold[cold.size() / 2], cold_late = cold[cold.size() - cold.size() / 1000];
  if (json) {
    print_json(nlohmann::json{{"publish_ns", publish * 1e9},
                              {"read_ns", read * 1e9},
                              {"read_cold_ns", cold_median * 1e9},
                              {"read_cold_999_ns", cold_late * 1e9},
                              {"mutex_write_ns", locked_write * 1e9},
                              {"mutex_read_ns", locked_read * 1e9}});
    return;
  }
  std::cout << "publish " << format_seconds(publish) << "  read " << format_seconds(read)
            << "  after another processor wrote " << format_seconds(cold_median)
            << " (99.9 %: " << format_seconds(cold_late) << ")   (uncontended mutex: write "
            << format_seconds(locked_write) << ", read " << format_seconds(locked_read) << ")\n";
}

}  // namespace

void add_bench_answer(CLI::App& bench) {
  CLI::App* sub = bench.add_subcommand("answer", "Measure publishing and reading an answer, compared with a mutex");
  auto json = std::make_shared<bool>(false);
  sub->add_flag("--json", *json, "Print JSON");
  sub->callback([json] { bench_answer(*json); });
}

}  // namespace einet::cli
