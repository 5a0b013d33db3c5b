// Block times with two lanes.
//
// Both threads poll for each other, as those of a session do. A branch's time counts from the moment at which it could
// have begun, when its conv part or the branch before it has ended, so that it includes what handing it over costs: the
// other thread's notice, and reading the values at the fork from the caches of the other core.
//
// How much the lanes slow each other down depends on what they share: caches, memory bandwidth, possibly a core. Conv
// parts are timed with and without branches beside them, and the time while the branch lane is busy all along is
// calculated from the overlap. Branches are only timed beside the trunk, which is the usual case; the last one has
// nothing beside it, as in every run.
//
// On a busy machine, a lane without a processor delays the other, and a median over all runs would be the time of runs
// in which one of them had to wait. Runs in which neither thread was interrupted are therefore preferred, and the
// measurement takes up to ten times its budget to find enough of them.

#include "measure/lane_times.h"

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "core/pinned.h"
#include "einet/error.h"
#include "einet/time.h"
#include "exec/scores.h"
#include "measure/timed_run.h"
#include "profile/statistics.h"

namespace einet::measure {
namespace {

/// The two lanes slow each other down to a quarter of their speed at most.
constexpr double kLargestSlowdown = 4.0;
/// Measures longer than planned while there are fewer undisturbed runs than this, up to so many budgets.
constexpr int kFewestUndisturbed = 30;
constexpr double kPatience = 10.0;

/// How often the calling thread has lost its processor.
long switches() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw + usage.ru_nvcsw;
}

/// Moments of one run in seconds since its beginning, by exit.
struct RunTimes {
  std::vector<double> passed, begin, end;  ///< End of the conv part; begin and end of the branch.
  bool disturbed = false;                  ///< A thread lost its processor.
};

class TwoLanes {
 public:
  explicit TwoLanes(const exec::Program& program)
      : program_(program),
        exits_(program.exits()),
        input_(noise(program.input_size())),
        execution_(program.new_execution()),
        times_{std::vector<double>(exits_), std::vector<double>(exits_), std::vector<double>(exits_), false},
        lane_([this] { execute_branches(); }) {}
  ~TwoLanes() {
    quit_ = true;
    run_.fetch_add(1, std::memory_order_release);
    lane_.join();
  }
  TwoLanes(const TwoLanes&) = delete;
  TwoLanes& operator=(const TwoLanes&) = delete;

  /// One run, with all branches or only the last one.
  const RunTimes& run(bool all) {
    first_ = all ? 0 : exits_ - 1;
    passed_.store(0, std::memory_order_relaxed);
    done_.store(false, std::memory_order_relaxed);
    const auto go = run_.fetch_add(1, std::memory_order_release) + 1;
    wait([&] { return joined_.load(std::memory_order_acquire) == go; });
    const long before = switches();
    begin_ = Clock::now();
    execution_->set_input(input_);
    for (int exit = 0; exit < exits_; ++exit) {
      exec::require_done(execution_->run_conv_part(exit, exec::kNeverStop));
      times_.passed[exit] = Seconds(Clock::now() - begin_).count();
      passed_.store(exit + 1, std::memory_order_release);
    }
    wait([&] { return done_.load(std::memory_order_acquire); });
    exec::require_done(branches_end_);
    times_.disturbed = lane_disturbed_ || switches() != before;
    return times_;
  }

 private:
  template <class Condition>
  static void wait(const Condition& condition) {
    constexpr int kPolls = 20000;  // About a millisecond, so that one processor is enough for both.
    for (int k = 1; !condition(); ++k) {
      if (k % kPolls == 0) std::this_thread::yield();
    }
  }

  void execute_branches() {
    const Pinned elsewhere(Pinned::Place::kLast);
    exec::use_one_thread();
    for (std::uint64_t seen = 0;;) {
      wait([&] { return run_.load(std::memory_order_acquire) != seen; });
      seen = run_.load(std::memory_order_acquire);
      if (quit_) return;
      const long before = switches();
      joined_.store(seen, std::memory_order_release);
      branches_end_ = exec::PartEnd::kDone;
      double free = 0.0;
      for (int exit = first_; exit < exits_; ++exit) {
        wait([&] { return passed_.load(std::memory_order_acquire) > exit; });
        times_.begin[exit] = std::max(free, times_.passed[exit]);
        if (const auto end = execution_->run_branch(exit, exec::kNeverStop); end != exec::PartEnd::kDone) {
          branches_end_ = end;
        }
        exec::top_one(execution_->output(exit), program_.blocks()[exit].head);
        free = times_.end[exit] = Seconds(Clock::now() - begin_).count();
      }
      lane_disturbed_ = switches() != before;
      done_.store(true, std::memory_order_release);
    }
  }

  const exec::Program& program_;
  const int exits_;
  const std::vector<float> input_;
  const std::unique_ptr<exec::Execution> execution_;
  RunTimes times_;
  int first_ = 0;
  Clock::time_point begin_;
  exec::PartEnd branches_end_ = exec::PartEnd::kDone;
  bool lane_disturbed_ = false;
  std::atomic<bool> quit_{false}, done_{false};
  std::atomic<std::uint64_t> run_{0}, joined_{0};
  std::atomic<int> passed_{0};
  std::thread lane_;
};

/// How long [from, to] overlaps the branches of a run.
double overlap_with_branches(const RunTimes& run, double from, double to) {
  double sum = 0.0;
  for (std::size_t exit = 0; exit < run.begin.size(); ++exit) {
    sum += std::max(0.0, std::min(to, run.end[exit]) - std::max(from, run.begin[exit]));
  }
  return sum;
}

/// The times of a number of runs.
struct Recorder {
  Recorder(int exits, double clock_overhead) : overhead(clock_overhead), conv(exits), overlap(exits) {}

  /// Of the kind with fewer runs.
  int runs() const { return static_cast<int>(std::min(idle.size(), branch.size()) / conv.size()); }
  void add(const RunTimes& run, bool whole) {
    for (std::size_t exit = 0; exit < conv.size(); ++exit) {
      const double before = exit > 0 ? run.passed[exit - 1] : 0.0;
      const double seconds = std::max(0.0, run.passed[exit] - before - overhead);
      if (!whole) {
        idle.push_back(seconds);
        continue;
      }
      conv[exit].push_back(seconds);
      overlap[exit].push_back(overlap_with_branches(run, before, run.passed[exit]));
      branch.push_back(std::max(0.0, run.end[exit] - run.begin[exit] - overhead));
    }
  }

  double overhead;                                 ///< Of reading the clock, part of every time.
  std::vector<double> idle;                        ///< [runs, exits]: conv parts with the branch lane idle.
  std::vector<double> branch;                      ///< [runs, exits]
  std::vector<std::vector<double>> conv, overlap;  ///< [exit][run]: conv parts with all branches.
};

}  // namespace

std::optional<double> busy_seconds(std::span<const double> seconds, std::span<const double> overlap, double idle) {
  std::vector<double> lost;  // The share of its speed, by run.
  for (std::size_t k = 0; k < seconds.size(); ++k) {
    if (overlap[k] > 0.0 && overlap[k] >= 0.5 * seconds[k]) lost.push_back((seconds[k] - idle) / overlap[k]);
  }
  if (lost.empty() || 2 * lost.size() < seconds.size()) return std::nullopt;
  return idle / (1.0 - std::clamp(profile::median(std::move(lost)), 0.0, 1.0 - 1.0 / kLargestSlowdown));
}

profile::LaneProfile measure_lane_times(const exec::Program& program, const EtOptions& options, Progress& progress) {
  if (options.min_samples < 1 || options.max_samples < options.min_samples) {
    throw Error(ErrorKind::kUsage, "profile", "needs at least one sample, and no more than max_samples");
  }
  if (!program.branch_lane())
    throw Error(ErrorKind::kUsage, "profile", "the network was compiled without a branch lane");
  const int exits = program.exits();
  const double overhead = clock_overhead();
  TwoLanes lanes(program);
  // Threads that poll are rarely moved to another processor: both lanes could share one for the whole measurement.
  const Pinned here(Pinned::Place::kFirst);
  const auto warm_up_end = Clock::now() + options.warm_up;
  for (int i = 0; i < 6 || Clock::now() < warm_up_end; ++i) lanes.run(i % 2 == 0);

  Recorder undisturbed(exits, overhead), all(exits, overhead);
  const double waited_before = seconds_waited();
  const auto begin = Clock::now();
  double spent = 0.0;
  const auto enough = [&](int samples) {
    const bool found = undisturbed.runs() >= kFewestUndisturbed || spent > kPatience * options.budget.count();
    const bool planned = samples >= options.min_samples && spent >= options.budget.count();
    return samples >= options.max_samples || (planned && found);
  };
  for (int samples = 0; !enough(samples); ++samples) {
    for (const bool whole : {true, false}) {
      const RunTimes& run = lanes.run(whole);
      all.add(run, whole);
      if (!run.disturbed) undisturbed.add(run, whole);
    }
    const double now = Seconds(Clock::now() - begin).count();
    if (static_cast<int>(now * 10) != static_cast<int>(spent * 10)) {
      const double expected = std::max(double(options.min_samples), options.budget.count() / now * (samples + 1));
      progress.update("timing two lanes", samples + 1, static_cast<std::int64_t>(std::max(expected, samples + 1.0)),
                      "");
    }
    spent = now;
  }
  const double waited = seconds_waited() - waited_before;
  const Recorder& used = undisturbed.runs() >= kFewestUndisturbed ? undisturbed : all;
  progress.update("timing two lanes", used.runs(), used.runs(), "");

  profile::LaneProfile result;
  result.samples = used.runs();
  result.waiting = std::clamp(waited / (2.0 * spent), 0.0, 1.0);
  result.conv = profile::summarize_runs(used.idle, exits);
  result.branch = profile::summarize_runs(used.branch, exits);
  std::vector<std::optional<double>> busy;
  double known_busy = 0.0, known_idle = 0.0;
  for (int exit = 0; exit < exits; ++exit) {
    busy.push_back(busy_seconds(used.conv[exit], used.overlap[exit], result.conv[exit].p50));
    if (!busy.back()) continue;
    known_busy += *busy.back();
    known_idle += result.conv[exit].p50;
  }
  // Conv parts beside which hardly any branch runs: slowed down as the others are on average.
  const double slowdown = known_idle > 0.0 ? known_busy / known_idle : 1.0;
  for (int exit = 0; exit < exits; ++exit) result.busy.push_back(busy[exit].value_or(slowdown * result.conv[exit].p50));
  return result;
}

}  // namespace einet::measure
