#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/progress.h"
#include "einet/plan.h"
#include "einet/time.h"
#include "eval/live/live.h"
#include "policy/estimate.h"
#include "reproduce/context.h"

namespace einet::reproduce {

struct LiveRunOptions {
  int repetitions = 5;
  int images = 60;     ///< Per repetition, drawn from the held-out samples.
  Seconds budget{60};  ///< For all repetitions; each stops after its share, with as many images as were done.
  std::string distribution = "uniform";
  std::uint64_t seed = 1;
};

/// Fixed plans in live runs that are cut off.
struct LiveRuns {
  plan::BlockTimes times;              ///< As measured at the beginning.
  std::vector<policy::Estimate> live;  ///< By plan: mean and standard error over the repetitions.
  int images = 0;                      ///< Of all repetitions.
  int unsettled = 0;                   ///< Runs that other processes disturbed in every attempt; they count.
};

/// Runs the network of `subject` under each plan on random images and cuts it off at random moments, the same for all
/// plans (eval::CutOffStage). The horizon is the measured time of everything. Throws kNotFound for a bundle without
/// weights.
LiveRuns run_live(const Subject& subject, const eval::ImageSource& images, const std::vector<plan::ExitPlan>& plans,
                  const LiveRunOptions& options, Progress& progress);

}  // namespace einet::reproduce
