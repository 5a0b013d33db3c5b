#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plan/schedule.h"
#include "plan/search/delay_table.h"

namespace einet::plan {

/// The best plan under any distribution: label-setting over (exit, delay), with dominance and bounds.
///
/// *Labels.* For an F other than uniform, the value of a suffix is no simple function of its start. But the only
/// relevant property of the prefix is the delay D at which the suffix starts. A label at exit i represents one partial
/// plan up to it: (D, V), V being the gain of its outputs so far. Exits are processed in order; every label at i is
/// extended to each j > i with C_j > C_i (rising scores suffice, see DelayLines), at delay D + hold(i) and with
/// V + (C_j - C_i) G(ready_j + D + hold(i)).
///
/// *Dominance.* Of two labels at the same exit, one that is no later and has gained no less makes the other redundant:
/// any continuation of it has each gain C_j - C_i > 0 no later, and G is non-increasing.
///
/// *Bounds.* A label is dropped if V plus the greatest possible gain after it (DelayTable) does not exceed the best
/// plan known so far. The first plan follows the highest bounds from the start; it is almost always optimal already, so
/// that the search only has to prove it: with 40 exits, about 10 to 50 labels instead of 2^40 plans.
///
/// *Example.* Two exits with hold 3 and 1 and the same score: the second is later by its conv part, but everything
/// after it is earlier by 2. Neither label dominates, both are kept, and F decides which is better. Under a deadline
/// all gains in time count fully, so only the direct path to the best reachable exit remains.
///
/// *Proof.* Each dropped label, with every continuation of it, has a value no greater than one that is kept or than the
/// best known plan: by dominance, or by a bound. Nothing else is dropped while there is space, so the best plan known
/// at the end is optimal.
///
/// *The certificate.* The number of labels is not polynomial in the worst case (as for a knapsack), and memory is
/// allocated in advance: at most `max_labels` are kept. A label that does not fit is dropped, and the greatest
/// V + bound of these labels limits the loss: it becomes Planned::upper_bound. If none was dropped, that is the
/// expectation itself and the gap is 0.
///
/// *Cost.* O(n^2) times about 8 n vectorised steps for the bounds, and O(n) per label.
class LabelSearch {
 public:
  /// `schedule` must outlive it. max_labels >= 1, 32 bytes each.
  LabelSearch(const Schedule& schedule, int max_labels);

  /// The best plan continued from `now` and its certificate. No allocation.
  Planned best(const PlanningState& now) noexcept;

 private:
  struct Label {
    double delay;         ///< Of the next output.
    double value;         ///< Gain of the outputs so far, including this one.
    std::int32_t parent;  ///< The label before this output; -1 = the start.
    std::int32_t next;    ///< The next label at this exit, later and better; -1 = none.
    std::int32_t exit;
  };

  void consider(std::int32_t parent, int exit, double value) noexcept;
  std::int32_t append(const Label& label) noexcept;
  void insert(const Label& label) noexcept;
  void dive(const PlanningState& now) noexcept;
  void extend(const PlanningState& now, std::int32_t parent, int done, double delay, double score,
              double value) noexcept;

  const Schedule& schedule_;
  DelayTable table_;
  std::unique_ptr<Label[]> labels_;
  std::int32_t max_labels_;
  std::int32_t count_ = 0;
  std::vector<std::int32_t> front_;  ///< [exit]: its first label, by delay; -1 = none.
  double best_value_ = 0.0;          ///< Gain of the best known plan …
  std::int32_t best_parent_ = -1;    ///< … which is this label's …
  int best_exit_ = -1;               ///< … and this exit; -1 = the empty plan.
  double dropped_ = 0.0;             ///< Greatest possible gain of a dropped label.
};

}  // namespace einet::plan
