#pragma once

#include <span>

#include "einet/answer.h"
#include "exec/scores.h"
#include "graph/head.h"

namespace einet {

/// The likeliest classes after `top`, likeliest first, the first of equals, with their probabilities (as
/// exec::class_probabilities()); none where there are no more classes. `top` is exec::top_one() of the same outputs and
/// has a confidence above 0. No allocation.
void next_guesses(std::span<const float> outputs, graph::Head head, const exec::TopOne& top,
                  std::span<Guess> guesses) noexcept;

}  // namespace einet
