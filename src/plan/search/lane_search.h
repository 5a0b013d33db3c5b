#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plan/schedule.h"

namespace einet::plan {

/// The best plan with two lanes, under any distribution: label-setting over (exit, state of both lanes), with dominance
/// and bounds.
///
/// *Labels.* The prefix of a plan affects its continuation only through the state of the lanes after its last output:
/// when the trunk passed that exit, and when the branch lane is free. A label at exit i represents one partial plan up
/// to it: (trunk, free, V), V being the gain of its outputs so far. Exits are processed in order; every label at i is
/// extended to each j > i with C_j > C_i.
///
/// *Monotonicity.* In the time law (plan/lanes.h) an earlier trunk or an earlier free branch lane never makes anything
/// later: max(trunk, free) + b rises in both, and a conv part that begins at s while the branch lane is busy until f
/// ends at s + busy, f + c (1 - (f - s) / busy) or s + c, which do not fall in s and f, and agree where the cases meet,
/// as long as busy >= c. So
///   1. of two labels at the same exit, one that is no later in both and has gained no less makes the other redundant;
///   2. leaving out an output that is not better than all before it makes no other output later, so some best plan has
///      rising scores.
///
/// *Bounds.* Output j cannot come before e_j, its time if all conv parts are fast and only the branch lane's present
/// work is before it. Exits j and later cannot come before e'_j, the least of their e. So the answer in force at time t
/// is at most the best exit j with e'_j <= t, and the gain after a label at most
///
///     sum over j > i of max(0, C_j - best of C_i … C_{j-1}) G(e'_j).
///
/// This is exact as long as the branch lane keeps up with the trunk, where executing every rising exit is optimal.
///
/// *Example.* Conv parts 1, 1, 1, branches 3, 1, 1: with branch 1 the lane is busy until 4, and exit 2 answers at 5
/// instead of 3. If C_1 is low, the plan {2, 3} with outputs at 3 and 4 is better than {1, 2, 3} with 4, 5 and 6.
/// Counter-example to a search over exits alone: after {1} and {} neither label dominates at exit 2, since one has
/// gained C_1 and the other is earlier.
///
/// *The certificate.* As that of LabelSearch: at most `max_labels` are kept; V + bound of a label that does not fit
/// limits the loss and becomes Planned::upper_bound.
///
/// *Cost.* O(n) per label for its bound and its extensions, and the length of a front for its insertion.
class LaneSearch {
 public:
  /// `schedule` must outlive it and have two lanes. max_labels >= 1, 40 bytes each.
  LaneSearch(const Schedule& schedule, int max_labels);

  /// The best plan continued from `now` and its certificate. No allocation.
  Planned best(const PlanningState& now) noexcept;

 private:
  struct Label {
    double trunk, free;   ///< State of the lanes after this output.
    double value;         ///< Gain of the outputs so far, including this one.
    std::int32_t parent;  ///< The label before this output; -1 = the start.
    std::int32_t next;    ///< The next label at this exit; -1 = none.
    std::int32_t exit;
  };

  void consider(std::int32_t parent, int exit, double value) noexcept;
  void try_all_rising(const PlanningState& now) noexcept;
  double bound(const PlanningState& now, const Lanes& lanes, double score) noexcept;
  void extend(const PlanningState& now, std::int32_t parent, Lanes lanes, double score, double value) noexcept;
  void insert(const Label& label, double onward) noexcept;

  const Schedule& schedule_;
  std::unique_ptr<Label[]> labels_;
  std::int32_t max_labels_;
  std::int32_t count_ = 0;
  std::vector<std::int32_t> front_;  ///< [exit]: its first label; -1 = none.
  std::vector<double> best_later_;   ///< [exits + 1]: the best score of `exit` and all later ones; 0 after the last.
  std::vector<double> earliest_;     ///< [exit]: workspace of bound().
  double best_value_ = 0.0;          ///< Gain of the best known plan …
  std::int32_t best_parent_ = -1;    ///< … which is this label's …
  int best_exit_ = -1;               ///< … and this exit; -1 = the plan of all rising exits or the empty plan.
  bool all_rising_ = false;          ///< The best known plan is that of all rising exits.
  double dropped_ = 0.0;             ///< Greatest possible gain of a dropped label.
};

}  // namespace einet::plan
