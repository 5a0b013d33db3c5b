#pragma once

#include "bundle/bundle.h"
#include "einet/plan.h"

namespace einet::bundle {

/// The bundle of a network with some of its exits only, at least one. The trunk behind the last of them is gone; exits
/// named "exitJ" are numbered anew. Confidences are those of the exits kept. Times of every platform are joined: a conv
/// part of an exit that is gone belongs to the next one's, or, where no later exit needs it, to its branch; of a part
/// that is gone in part the share of its multiply-accumulates is left. Predictor, calibration and folds, planning
/// costs, decision tables and the weights of combined answers were of other exits and are dropped. Throws kInvalidData
/// where the exits left would be in another order.
Bundle keep_exits(const Bundle& bundle, const plan::ExitPlan& kept);

}  // namespace einet::bundle
