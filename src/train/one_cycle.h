#pragma once

#include <cstdint>

namespace einet::train {

/// The one-cycle schedule (Smith, Topin, "Super-Convergence", 2018) with cosine arcs: learning rate of step `step`
/// (from 0) of `steps`. It rises from peak/25 to `peak` in the first quarter and falls to almost 0 at the end.
double one_cycle(double peak, std::int64_t step, std::int64_t steps);

}  // namespace einet::train
