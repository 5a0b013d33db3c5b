#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "plan/schedule.h"
#include "plan/search/delay_table.h"

namespace einet::plan {

/// The best plan under any distribution: label-setting over (exit, delay), with dominance and bounds.
///
/// *Labels.* For another F than the uniform one, what a suffix is worth depends on when it starts, in no simple way.
/// But of what came before it matters only the delay D at which it starts. A label at exit i stands for one way to get
/// there: (D, V), V being what its outputs have gained so far. The exits are taken in order; every label at i is
/// extended to each j > i with C_j > C_i (rising scores suffice, see DelayLines), at delay D + hold(i) and with
/// V + (C_j - C_i) G(ready_j + D + hold(i)).
///
/// *Dominance.* Of two labels at the same exit, one that is no later and has gained no less makes the other needless:
/// any continuation gains each C_j - C_i > 0 no later from it, and G never rises.
///
/// *Bounds.* A label whose V and whatever could still be gained after it (DelayTable) do not exceed the best plan
/// known so far is left out. The first plan known is found by going, from the start on, wherever the bounds promise
/// most; it is nearly always optimal already, so that the search has only to prove it: with 40 exits some 10 to 50
/// labels of 2^40 plans.
///
/// *Example.* Two exits of hold 3 and 1 with the same score: the second is later by its conv part, but from there on
/// everything is earlier by 2. Both labels are kept, neither dominates, and which is better depends on F. Under a
/// deadline all gains that come in time count fully, so only the way straight to the best exit in reach survives.
///
/// *Proof.* Each label left out, and every label that would have grown from it, is worth no more than one that is kept
/// or than the best plan known: by dominance, or by a bound. Nothing else is left out while labels last, so the best
/// plan known at the end is optimal.
///
/// *The certificate.* The number of labels is not polynomial in the worst case (it is a knapsack's), and memory is
/// taken beforehand: at most `max_labels` are kept. A label for which there is no room is dropped, and the greatest V +
/// bound of all dropped ones limits what could have been missed: it becomes Planned::upper_bound. Where nothing was
/// dropped, that is the expectation itself and the gap is 0.
///
/// *Cost.* Making the bounds, O(n^2) times some 8 n vectorised steps, and O(n) per label.
class LabelSearch {
 public:
  /// `schedule` must outlive it. max_labels >= 1, 32 bytes each.
  LabelSearch(const Schedule& schedule, int max_labels);

  /// The best plan from `now` on and its certificate. No allocation.
  Planned best(const PlanningState& now) noexcept;

 private:
  struct Label {
    double delay;         ///< Of whatever output comes next.
    double value;         ///< Gained by the outputs so far, this one included.
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
  double best_value_ = 0.0;          ///< Gained by the best plan known …
  std::int32_t best_parent_ = -1;    ///< … which is this label's …
  int best_exit_ = -1;               ///< … and this exit; -1 = the empty plan.
  double dropped_ = 0.0;             ///< Most that a dropped label could have gained.
};

}  // namespace einet::plan
