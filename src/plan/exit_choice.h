#pragma once

#include <limits>
#include <memory>
#include <vector>

#include "einet/distribution.h"
#include "einet/plan.h"

namespace einet::plan {

/// A device: the times of the network on it and the distribution of cut-offs. Planning costs are ignored, since the
/// best plan for the population is made in advance.
struct ExitDevice {
  BlockTimes times;
  std::shared_ptr<const ExitTimeDistribution> distribution;
};

/// The exits to choose from and the limits.
struct ExitCandidates {
  std::vector<double> scores;       ///< C_i in [0,1], one per exit.
  std::vector<ExitDevice> devices;  ///< At least one; each plans the best subset of the exits kept.
  /// Size of every conv part and branch, >= 0, in one unit; empty = 0. The size of a set of exits is that of the conv
  /// parts up to its last exit and of its branches.
  std::vector<double> conv_size, branch_size;
  double max_size = std::numeric_limits<double>::infinity();
  int max_exits = kMaxExits;  ///< >= 1.
  bool keep_last = false;     ///< Whether the last exit is always kept.
  /// Sets examined before the search ends without a proof. >= 1.
  int max_nodes = 100000;
};

struct ChosenExits {
  ExitPlan exits;              ///< At least one.
  double expectation = 0;      ///< Mean over the devices of the expectation of the device's best plan among `exits`.
  double upper_bound = 1;      ///< No set within the limits exceeds it; equals `expectation` if proven optimal.
  std::vector<double> values;  ///< By exit: the decrease of the expectation without it; 0 for those not chosen.
  int nodes = 0;               ///< Sets examined.
};

/// The set of exits within the limits with the greatest expectation; exits without effect are not kept, except the last
/// one with `keep_last`. Throws kInvalidData (different lengths, invalid times, no device), and kUsage if not even one
/// exit, or the last one with `keep_last`, is within the limits.
ChosenExits choose_exits(const ExitCandidates& candidates);

/// Mean over the devices of the expectation of the device's best plan among `exits`; 0 for none.
double expectation_among(const ExitCandidates& candidates, const ExitPlan& exits);

/// conv_size and branch_size of a set of exits.
double size_of(const ExitCandidates& candidates, const ExitPlan& exits);

}  // namespace einet::plan
