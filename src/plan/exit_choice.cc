// Chooses the exits to keep in a network that was trained with many.
//
// *The value of a set.* A device executes the best plan among the exits it has, so the value of a set S is f(S), the
// mean over the devices of the expectation of their best plans within S. An exit that is never planned takes no time,
// so f is monotone: without limits the union U of the devices' best plans among all exits is optimal, and all other
// exits can be removed. With limits on the number of exits or on the size of the network (conv parts up to the last
// exit of S, and branches; also monotone) sets are searched.
//
// *Branch and bound.* A node of the search has excluded some exits and fixed a set K to keep. Let U be the union of the
// best plans among the exits not excluded. No set of this node has a value above f(U), because it has no other exits to
// plan with. If U and K together are within the limits, U solves the node. Otherwise an exit of U outside K is excluded
// in one child and kept in the other. Keeping an exit does not change any plan by itself, but it uses up the limits:
// exits that no longer fit together with K are excluded, which lowers the bound. Each child decides one exit, so the
// search ends. Nodes whose bound does not exceed the best known set are pruned. The child that keeps the exit is
// visited first: with n exits allowed, the first leaf is n levels down. The exit of U whose removal costs the plans
// most is decided first.
//
// *Example.* Three exits with scores 0.5, 0.6 and 0.7, one allowed. U = {1, 2, 3}. Removing exit 1 costs most, since
// nothing answers before it. If it is kept, the others are excluded: a leaf. Without it U = {2, 3}, and so on: three
// leaves.
//
// *Exits without effect.* Planners complete their plans with exits that have no value under the distribution
// (completion.h). Here such exits would only use up the limits, so each plan is first reduced to exits whose removal
// lowers its expectation.
//
// *The last exit* is in K from the start if it must be kept; it only uses up the limits.
//
// *The certificate.* Without a limit on nodes the best set found is optimal. With a limit, the greatest bound of the
// unexplored nodes is the upper bound.

#include "plan/exit_choice.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string>

#include "einet/error.h"
#include "einet/planner.h"

namespace einet::plan {
namespace {

constexpr double kNothing = 1e-12;  // Smaller differences are rounding errors.

ExitPlan united(ExitPlan a, const ExitPlan& b) {
  for (int exit = b.next(-1); exit < b.exits(); exit = b.next(exit)) a.insert(exit);
  return a;
}

void check(const ExitCandidates& c) {
  const auto require = [](bool good, const char* what) {
    if (!good) throw Error(ErrorKind::kInvalidData, "exits to choose from", what);
  };
  const std::size_t exits = c.scores.size();
  require(exits > 0 && !c.devices.empty(), "need at least one exit and one device");
  require(c.conv_size.empty() || c.conv_size.size() == exits, "need one size per conv part");
  require(c.branch_size.empty() || c.branch_size.size() == exits, "need one size per branch");
  require(c.max_exits >= 1 && c.max_nodes >= 1, "need limits of at least 1");
  for (const ExitDevice& device : c.devices) {
    device.times.validate();
    require(device.times.conv.size() == exits, "need times of every exit");
  }
}

/// The network reduced to some of its exits: the conv parts of the others are merged into the next one.
struct Remaining {
  BlockTimes times;
  std::vector<double> scores;
  std::vector<int> exits;  ///< The remaining exits.

  Remaining(const BlockTimes& all, const std::vector<double>& all_scores, const ExitPlan& kept) {
    double conv = 0;
    for (int exit = 0; exit < kept.exits(); ++exit) {
      conv += all.conv[exit];
      if (!kept.contains(exit)) continue;
      times.conv.push_back(conv);
      times.branch.push_back(all.branch[exit]);
      scores.push_back(all_scores[exit]);
      exits.push_back(exit);
      conv = 0;
    }
  }
};

struct BestPlan {
  double expectation = 0, bound = 0;
  ExitPlan plan;  ///< Exits of the whole network, without those that have no effect.
};

/// The best plan of one device among `among`, which is not empty.
BestPlan best_plan(const ExitDevice& device, const std::vector<double>& scores, const ExitPlan& among) {
  const Remaining left(device.times, scores, among);
  const Planned planned = make_planner("exact-8192", left.times, device.distribution)->plan(left.scores);
  ExitPlan plan = planned.plan;
  const auto worth = [&](const ExitPlan& p) { return expectation(left.times, *device.distribution, left.scores, p); };
  double value = worth(plan);
  for (int exit = plan.exits(); exit-- > 0 && plan.count() > 1;) {
    if (!plan.contains(exit)) continue;
    ExitPlan without = plan;
    without.erase(exit);
    if (const double rest = worth(without); rest >= value - kNothing) {
      plan = without;
      value = std::max(value, rest);
    }
  }
  BestPlan best{value, std::max(value, planned.upper_bound), ExitPlan(among.exits())};
  for (int exit = plan.next(-1); exit < plan.exits(); exit = plan.next(exit)) best.plan.insert(left.exits[exit]);
  return best;
}

class Search {
 public:
  explicit Search(const ExitCandidates& candidates)
      : c_(candidates), exits_(static_cast<int>(c_.scores.size())), required_(exits_) {}

  ChosenExits run() && {
    if (c_.keep_last) required_.insert(exits_ - 1);
    visit(ExitPlan::all(exits_), required_);
    chosen_.upper_bound = std::max(chosen_.expectation, left_bound_);
    return std::move(chosen_);
  }

 private:
  bool within(const ExitPlan& exits) const {
    return exits.count() <= c_.max_exits && size_of(c_, exits) <= c_.max_size;
  }

  BestPlan best(const ExitPlan& among) const {
    BestPlan all{0, 0, ExitPlan(exits_)};
    if (among.empty()) return all;
    for (const ExitDevice& device : c_.devices) {
      const BestPlan one = best_plan(device, c_.scores, among);
      all.expectation += one.expectation / static_cast<double>(c_.devices.size());
      all.bound += one.bound / static_cast<double>(c_.devices.size());
      all.plan = united(all.plan, one.plan);
    }
    return all;
  }

  /// `open`: the exits not excluded; `kept` is within the limits.
  void visit(ExitPlan open, const ExitPlan& kept) {
    for (int exit = open.next(-1); exit < exits_; exit = open.next(exit)) {
      ExitPlan more = kept;
      more.insert(exit);
      if (!within(more)) open.erase(exit);
    }
    if (open.empty()) return;
    const BestPlan best = this->best(open);
    const bool known = !chosen_.exits.empty();
    if (known && best.bound <= chosen_.expectation + kNothing) return;
    if (chosen_.nodes >= c_.max_nodes && known) {
      left_bound_ = std::max(left_bound_, best.bound);
      return;
    }
    ++chosen_.nodes;
    if (within(united(best.plan, kept))) {
      if (!known || best.expectation > chosen_.expectation) {
        chosen_.exits = united(best.plan, required_);
        chosen_.expectation = best.expectation;
      }
      // Only if the exact planner ran out of labels and could not prove its plan.
      if (best.bound > best.expectation + kNothing) left_bound_ = std::max(left_bound_, best.bound);
      return;
    }
    const int exit = most_valuable(best, open, kept);
    ExitPlan more = kept, fewer = open;
    more.insert(exit);
    fewer.erase(exit);
    visit(open, more);
    visit(fewer, kept);
  }

  int most_valuable(const BestPlan& best, const ExitPlan& open, const ExitPlan& kept) const {
    std::optional<int> chosen;
    double least = 0;
    for (int exit = best.plan.next(-1); exit < exits_; exit = best.plan.next(exit)) {
      if (kept.contains(exit)) continue;
      ExitPlan without = open;
      without.erase(exit);
      const double rest = this->best(without).expectation;
      if (!chosen || rest < least) {
        chosen = exit;
        least = rest;
      }
    }
    return chosen.value();  // `kept` is within the limits, so some exit of the plan is not in it.
  }

  const ExitCandidates& c_;
  int exits_;
  ExitPlan required_;
  ChosenExits chosen_;
  double left_bound_ = 0;
};

}  // namespace

double expectation_among(const ExitCandidates& candidates, const ExitPlan& exits) {
  if (exits.empty()) return 0;
  double sum = 0;
  for (const ExitDevice& device : candidates.devices) sum += best_plan(device, candidates.scores, exits).expectation;
  return sum / static_cast<double>(candidates.devices.size());
}

double size_of(const ExitCandidates& candidates, const ExitPlan& exits) {
  double size = 0, conv = 0;
  for (int exit = 0; exit < exits.exits(); ++exit) {
    if (!candidates.conv_size.empty()) conv += candidates.conv_size[exit];
    if (!exits.contains(exit)) continue;
    if (!candidates.branch_size.empty()) size += candidates.branch_size[exit];
    size += conv;
    conv = 0;
  }
  return size;
}

ChosenExits choose_exits(const ExitCandidates& candidates) {
  check(candidates);
  ChosenExits chosen = Search(candidates).run();
  if (chosen.exits.empty()) {
    throw Error(ErrorKind::kUsage, "limits",
                candidates.keep_last ? "leave no room for the last exit" : "leave room for no exit at all");
  }
  chosen.values.assign(candidates.scores.size(), 0.0);
  for (int exit = chosen.exits.next(-1); exit < chosen.exits.exits(); exit = chosen.exits.next(exit)) {
    ExitPlan without = chosen.exits;
    without.erase(exit);
    chosen.values[exit] = chosen.expectation - expectation_among(candidates, without);
  }
  return chosen;
}

}  // namespace einet::plan
