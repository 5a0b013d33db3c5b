#include "runtime/next_guesses.h"

#include <algorithm>
#include <cmath>

namespace einet {
namespace {

using graph::Head;

float probability(float output, Head head, float best, float best_probability) noexcept {
  switch (head) {
    case Head::kLogits:
      return std::exp(output - best) * best_probability;
    case Head::kLogSoftmax:
      return std::exp(output);
    default:
      return output;
  }
}

}  // namespace

void next_guesses(std::span<const float> outputs, Head head, const exec::TopOne& top,
                  std::span<Guess> guesses) noexcept {
  std::fill(guesses.begin(), guesses.end(), Guess{});
  if (exec::class_count(outputs.size(), head) > static_cast<int>(outputs.size())) {  // One sigmoid for two classes.
    guesses[0] = {1 - top.label, 1.0f - top.confidence};
    return;
  }
  // Insertion sort: there are at most four.
  std::size_t found = 0;
  for (int label = 0; label < static_cast<int>(outputs.size()); ++label) {
    if (label == top.label) continue;
    const float output = outputs[static_cast<std::size_t>(label)];
    std::size_t at = found;
    while (at > 0 && outputs[static_cast<std::size_t>(guesses[at - 1].label)] < output) --at;
    if (at == guesses.size()) continue;
    found = std::min(found + 1, guesses.size());
    std::move_backward(guesses.begin() + static_cast<std::ptrdiff_t>(at),
                       guesses.begin() + static_cast<std::ptrdiff_t>(found) - 1,
                       guesses.begin() + static_cast<std::ptrdiff_t>(found));
    guesses[at].label = label;
  }
  const float best = outputs[static_cast<std::size_t>(top.label)];
  for (Guess& guess : guesses.first(found)) {
    guess.confidence = probability(outputs[static_cast<std::size_t>(guess.label)], head, best, top.confidence);
  }
}

}  // namespace einet
