#pragma once

#include <cstdint>
#include <string>

namespace einet::train {

/// Learning rate of step `step` (from 0) of `steps`. "one-cycle": see one_cycle(). "steps": `peak`, a tenth of it from
/// the middle and a hundredth from three quarters on (Huang et al., ICLR 2018). "constant": `peak`. Throws kUsage for
/// another name.
double learning_rate(const std::string& schedule, double peak, std::int64_t step, std::int64_t steps);

}  // namespace einet::train
