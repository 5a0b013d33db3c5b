#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "einet/api.h"

namespace einet::plan {

/// No known deadline.
inline constexpr double kNoDeadline = std::numeric_limits<double>::infinity();

/// Maximum number of exits of a network.
inline constexpr int kMaxExits = 1024;

/// The set of exits whose branches are executed (docs/definitions.md, "exit plan P"). Exits are numbered from 0 in code
/// and from 1 in everything shown to users. A value type without allocation.
class EINET_API ExitPlan {
 public:
  ExitPlan() = default;
  /// The empty plan for a network of `exits` exits, 0 <= exits <= kMaxExits.
  explicit ExitPlan(int exits) : exits_(exits) {}
  static ExitPlan all(int exits);

  int exits() const noexcept { return exits_; }
  /// Requires 0 <= exit < exits(), as do insert() and erase().
  bool contains(int exit) const noexcept { return (words_[exit / 64] >> (exit % 64)) & 1; }
  void insert(int exit) noexcept { words_[exit / 64] |= std::uint64_t{1} << (exit % 64); }
  void erase(int exit) noexcept { words_[exit / 64] &= ~(std::uint64_t{1} << (exit % 64)); }
  int count() const noexcept;
  bool empty() const noexcept { return next(-1) == exits_; }
  /// The smallest planned exit > `exit`, or exits() if there is none. next(-1) is the first. `exit` >= -1.
  int next(int exit) const noexcept;
  friend bool operator==(const ExitPlan&, const ExitPlan&) = default;

 private:
  int exits_ = 0;
  std::array<std::uint64_t, kMaxExits / 64> words_{};
};

/// Block times of runs with a branch lane (docs/definitions.md, "Two lanes"), one per exit, in the unit of BlockTimes.
struct LaneTimes {
  std::vector<double> conv;    ///< Conv parts while the branch lane is idle.
  std::vector<double> busy;    ///< The same while it is busy; at least `conv`.
  std::vector<double> branch;  ///< Branches, on the branch lane.
};

/// Block times of one network on one machine, in seconds (planners accept any common unit).
struct EINET_API BlockTimes {
  std::vector<double> conv;      ///< c_i, one per exit.
  std::vector<double> branch;    ///< b_i, one per exit.
  std::vector<double> planning;  ///< r_i: time spent re-planning after output i; empty = 0 everywhere.
  /// With a branch lane, the times of its runs, which then follow the law of two lanes; empty = one lane.
  LaneTimes lane = {};

  int exits() const { return static_cast<int>(conv.size()); }
  int lanes() const { return lane.conv.empty() ? 1 : 2; }
  double planning_after(int exit) const { return planning.empty() ? 0.0 : planning[exit]; }
  /// sum_i (c_i + b_i), the default horizon T: the same with one and two lanes, so that both have the same cut-offs.
  double total() const;
  /// Throws kInvalidData for inconsistent lengths, no exits, more than kMaxExits, negative, infinite or NaN times, and
  /// conv parts that are faster while the branch lane is busy.
  void validate() const;
};

/// With two lanes, the trunk's position when an output comes (docs/definitions.md, "Two lanes"): it passed exit `exit`
/// at time `elapsed`, so that only later exits can still be chosen. `pending` are the exits up to there whose branches
/// have been handed to the branch lane and have not answered yet. -1 = unknown: the trunk passed the exit of the output
/// when its branch began.
struct Ahead {
  int exit = -1;
  double elapsed = 0.0;
  ExitPlan pending = {};
};

/// The state of a run from which a plan starts. Either nothing was executed yet, or exit `exit` answered at time
/// `elapsed`; the planning after that output is still to come and delays all later outputs by planning_after(exit).
/// `score` is the probability that this answer is correct; it counts from `elapsed` on.
///
/// With a known `deadline`, measured like `elapsed` from the start of the run, the cut-off is min(X, deadline), X drawn
/// from the exit-time distribution; an output counts only if it comes earlier.
struct Start {
  int exit = -1;
  double elapsed = 0.0;
  double score = 0.0;
  double deadline = kNoDeadline;
  Ahead ahead = {};  ///< With two lanes; ignored with one.
};

/// What a run spends its time on.
enum class BlockKind : unsigned char { kConvPart, kBranch, kPlanning };

/// The time of the next output (docs/definitions.md, t_i(P)). Expectations, simulations and timeline pictures all use
/// it:
///
///     t_exit = elapsed + r_last + c_{last+1} + … + c_exit + b_exit
///
/// where exit `last` (-1 = none) answered at `elapsed` and no branch in between is executed. `visit` is called with
/// BlockKind, exit, begin and end of each of these blocks in order. All times are in the unit of `times`. -1 <= last <
/// exit < times.exits().
template <class Visit>
double next_output(const BlockTimes& times, int last, double elapsed, int exit, Visit&& visit) {
  // Summed separately from `elapsed`, so that in a chain of outputs each depends on the previous one by one addition
  // only.
  double passed = 0.0;
  const auto pass = [&](BlockKind kind, int block, double seconds) {
    visit(kind, block, elapsed + passed, elapsed + passed + seconds);
    passed += seconds;
  };
  if (last >= 0) pass(BlockKind::kPlanning, last, times.planning_after(last));
  for (int block = last + 1; block <= exit; ++block) pass(BlockKind::kConvPart, block, times.conv[block]);
  pass(BlockKind::kBranch, exit, times.branch[exit]);
  return elapsed + passed;
}

inline double next_output(const BlockTimes& times, int last, double elapsed, int exit) {
  return next_output(times, last, elapsed, exit, [](BlockKind, int, double, double) {});
}

inline int ExitPlan::next(int exit) const noexcept {
  const int from = exit + 1;
  if (from >= exits_) return exits_;
  const std::size_t words = std::min<std::size_t>((exits_ + 63) / 64, words_.size());
  std::size_t word = from / 64;
  std::uint64_t bits = words_[word] & (~std::uint64_t{0} << (from % 64));
  while (bits == 0) {
    if (++word >= words) return exits_;
    bits = words_[word];
  }
  return static_cast<int>(word * 64) + std::countr_zero(bits);
}

}  // namespace einet::plan
