#pragma once

#include <span>

#include "einet/answer.h"
#include "exec/scores.h"
#include "graph/head.h"

namespace einet {

/// The most likely classes after `top` in descending order (lower labels first among equals) with their probabilities,
/// as in exec::class_probabilities(); none if there are no more classes. `top` is exec::top_one() of the same outputs
/// and has a confidence above 0. No allocation.
void next_guesses(std::span<const float> outputs, graph::Head head, const exec::TopOne& top,
                  std::span<Guess> guesses) noexcept;

}  // namespace einet
