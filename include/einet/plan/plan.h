#pragma once

#include <bitset>
#include <vector>

namespace einet::plan {

/// The most exits a network may have.
inline constexpr int kMaxExits = 1024;

/// The set of exits whose branches are executed (DESIGN 2, "exit plan P"). Exits count from 0 in code; people see
/// 1..n. A value: no allocation.
class ExitPlan {
 public:
  ExitPlan() = default;
  explicit ExitPlan(int exits) : exits_(exits) {}
  static ExitPlan all(int exits);

  int exits() const noexcept { return exits_; }
  bool contains(int exit) const noexcept { return members_[exit]; }
  void insert(int exit) noexcept { members_.set(exit); }
  void erase(int exit) noexcept { members_.reset(exit); }
  int count() const noexcept { return static_cast<int>(members_.count()); }
  bool empty() const noexcept { return members_.none(); }
  /// The smallest planned exit > `exit`, or exits() when there is none. next(-1) is the first.
  int next(int exit) const noexcept;
  friend bool operator==(const ExitPlan&, const ExitPlan&) = default;

 private:
  int exits_ = 0;
  std::bitset<kMaxExits> members_;
};

/// Times of one network on one machine, in seconds (planners only need them all in one unit).
struct BlockTimes {
  std::vector<double> conv;      ///< c_i, one per exit.
  std::vector<double> branch;    ///< b_i, one per exit.
  std::vector<double> planning;  ///< r_i: time spent re-planning after output i; empty = 0 everywhere.

  int exits() const { return static_cast<int>(conv.size()); }
  double planning_after(int exit) const { return planning.empty() ? 0.0 : planning[exit]; }
  /// sum_i (c_i + b_i), the default horizon T.
  double total() const;
  /// Throws kInvalidData on lengths that disagree, no exits, more than kMaxExits, negative, infinite or NaN times.
  void validate() const;
};

/// Where a plan starts: nothing done yet, or exit `exit` answered at time `elapsed` and the planning that
/// follows it is not yet paid for. `score` is the answer's probability of being right.
struct Start {
  int exit = -1;
  double elapsed = 0.0;
  double score = 0.0;
};

}  // namespace einet::plan
