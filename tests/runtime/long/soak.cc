// Everything at once for a long time: two sessions on one model, each with a slot, a persisted file and a reader; runs
// that end, are interrupted from another thread, expire, or are replaced by the next; beside busy threads.

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <random>
#include <thread>

#include "einet/error.h"
#include "einet/session.h"
#include "io/temporary_directory.h"
#include "runtime/long/long.h"

namespace einet::testing {
namespace {

struct Counts {
  std::atomic<std::uint64_t> runs{0}, reads{0}, stored{0};
  std::atomic<int> backward{0}, changed{0}, late{0}, implausible{0}, lost{0}, failed{0};

  int faults() const { return backward + changed + late + implausible + lost + failed; }
};

/// Uses processor and caches.
void keep_busy(const std::atomic<bool>& over) {
  std::vector<std::uint32_t> memory(1 << 20);
  for (std::uint32_t k = 0; !over.load(std::memory_order_relaxed); ++k) {
    for (std::size_t i = 0; i < memory.size(); i += 16) memory[i] += k;
  }
}

bool is_plausible(const Answer& answer, const Model& model) {
  return answer.exit < model.exits() && answer.label >= 0 && answer.confidence > 0.0f && answer.confidence <= 1.0f &&
         answer.frame == answer.run;
}

/// Reads a slot and a file that a session writes: answers never go backward, and there is always one.
void watch(const SharedSlot& slot, const std::string& file, const Model& model, const std::atomic<bool>& over,
           Counts& counts) {
  std::uint64_t seen = 0, seen_in_file = 0;
  bool answered = false;
  for (std::uint64_t k = 0; !over.load(std::memory_order_relaxed); ++k) {
    const Answer answer = slot.read();
    ++counts.reads;
    answered = answered || answer.exists();
    if (answer.exists()) counts.implausible += is_plausible(answer, model) ? 0 : 1;
    if (!answer.exists() && answered) ++counts.lost;
    counts.backward += answer.sequence < seen ? 1 : 0;
    seen = answer.sequence;
    if (k % 1000 != 0) continue;
    const StoredAnswer stored = read_stored_answer(file);
    ++counts.stored;
    counts.backward += stored.answer.sequence < seen_in_file ? 1 : 0;
    counts.implausible += stored.answer.exists() && !is_plausible(stored.answer, model) ? 1 : 0;
    seen_in_file = stored.answer.sequence;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

void run_often(Session& session, const Model& model, unsigned seed, const std::atomic<bool>& over, Counts& counts) {
  const std::vector<float> image(model.input_size(), 0.5f);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> moment(0.0, 1.5 * model.horizon().count());
  while (!over.load(std::memory_order_relaxed)) {
    const std::uint64_t kind = random() % 4;
    RunOptions options{.frame = ++counts.runs, .number = 0};
    const Seconds cut(moment(random));
    if (kind == 1) options.deadline = cut;
    options.number = options.frame;
    const std::uint64_t run = session.start(image, options);
    if (kind == 2) {
      std::this_thread::sleep_for(cut);
      session.interrupt(run);
      const Answer answer = session.latest(run);
      session.wait();
      counts.changed += session.latest(run) != answer ? 1 : 0;
    }
    if (kind == 3) {
      std::this_thread::sleep_for(cut);
      continue;  // The next start replaces it.
    }
    const Answer answer = session.wait();
    counts.late += kind == 1 && answer.exists() && Seconds(answer.elapsed) >= cut ? 1 : 0;
    counts.lost += kind == 0 && !answer.exists() ? 1 : 0;
    counts.failed += session.state() == RunState::kFailed ? 1 : 0;
  }
}

}  // namespace

int soak(const std::string& bundle, int seconds) {
  constexpr int kSessions = 2, kBusyPerProcessor = 4;
  const auto model = Model::load(bundle);
  const TemporaryDirectory directory;
  std::atomic<bool> over{false};
  Counts counts[kSessions];
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<std::thread> threads;
  for (int i = 0; i < kSessions; ++i) {
    const auto slot = SharedSlot::create_anonymous();
    const std::string file = directory / std::to_string(i);
    sessions.push_back(std::make_unique<Session>(model, SessionOptions{.slot = slot, .persist = file}));
    threads.emplace_back([&, i, slot, file] { watch(*slot, file, *model, over, counts[i]); });
    threads.emplace_back([&, i] { run_often(*sessions[i], *model, static_cast<unsigned>(i), over, counts[i]); });
  }
  const int busy = kBusyPerProcessor * static_cast<int>(std::thread::hardware_concurrency());
  for (int i = 0; i < busy; ++i) threads.emplace_back([&] { keep_busy(over); });
  std::this_thread::sleep_for(std::chrono::seconds(seconds));
  over = true;
  for (std::thread& thread : threads) thread.join();
  int faults = 0;
  for (const Counts& each : counts) {
    std::printf(
        "%llu runs, %llu reads, %llu of the file: %d backward, %d changed after an interrupt, %d after a deadline, "
        "%d implausible, %d lost, %d failed runs\n",
        static_cast<unsigned long long>(each.runs), static_cast<unsigned long long>(each.reads),
        static_cast<unsigned long long>(each.stored), each.backward.load(), each.changed.load(), each.late.load(),
        each.implausible.load(), each.lost.load(), each.failed.load());
    faults += each.faults();
  }
  return faults;
}

}  // namespace einet::testing
