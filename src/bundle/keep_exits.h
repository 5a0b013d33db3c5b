#pragma once

#include "bundle/bundle.h"
#include "einet/plan.h"

namespace einet::bundle {

/// The bundle of a network with only some of its exits, at least one. The trunk after the last of them is removed;
/// exits named "exitJ" are renumbered. Confidences are those of the remaining exits. Times of every platform are
/// merged: the conv part of a removed exit is added to that of the next exit or, if no later exit needs it, to the
/// branch; if some nodes of a part are removed, its time is reduced in proportion to their multiply-accumulates.
/// Predictor, calibration, folds, planning costs, decision tables and the weights of combined answers do not apply to
/// the new exits and are dropped. Throws kInvalidData if the order of the remaining exits would change.
Bundle keep_exits(const Bundle& bundle, const plan::ExitPlan& kept);

}  // namespace einet::bundle
