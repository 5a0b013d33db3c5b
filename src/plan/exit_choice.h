#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "einet/distribution.h"
#include "einet/plan.h"

namespace einet::plan {

/// A device: the times of the network on it and when runs are cut off. Planning costs count as 0, since the best plan
/// for the population is made in advance.
struct ExitDevice {
  BlockTimes times;
  std::shared_ptr<const ExitTimeDistribution> distribution;
};

/// The exits to choose from and what may be kept.
struct ExitCandidates {
  std::vector<double> scores;       ///< C_i in [0,1], one per exit.
  std::vector<ExitDevice> devices;  ///< At least one; each plans the best subset of the exits kept.
  /// Size of every conv part and branch, >= 0, in one unit; empty = 0. A set of exits takes the conv parts up to its
  /// last exit and its branches.
  std::vector<double> conv_size, branch_size;
  double max_size = std::numeric_limits<double>::infinity();
  int max_exits = kMaxExits;  ///< >= 1.
  bool keep_last = false;     ///< Whether the last exit is kept in any case.
  /// Sets examined before the search ends without a proof. >= 1.
  int max_nodes = 100000;
};

struct ChosenExits {
  ExitPlan exits;              ///< At least one.
  double expectation = 0;      ///< Mean over the devices of the expectation of each one's best plan among `exits`.
  double upper_bound = 1;      ///< No set within the limits is worth more; equals `expectation` where proven.
  std::vector<double> values;  ///< By exit: by how much the expectation falls without it; 0 for those not chosen.
  int nodes = 0;               ///< Sets examined.
};

/// The set of exits within the limits that is worth most; exits that change nothing are not kept, except the last one
/// with `keep_last`. Throws kInvalidData (lengths that disagree, times, no device) and kUsage where not even one exit,
/// or the last one with `keep_last`, is within the limits.
ChosenExits choose_exits(const ExitCandidates& candidates);

/// Mean over the devices of the expectation of each one's best plan among `exits`; 0 for none.
double expectation_among(const ExitCandidates& candidates, const ExitPlan& exits);

/// conv_size and branch_size of a set of exits.
double size_of(const ExitCandidates& candidates, const ExitPlan& exits);

}  // namespace einet::plan
