#pragma once

#include "einet/answer.h"

namespace einet {

/// What stands for the answer of a run that has none. `before` is the last answer of earlier runs, or none. Everything
/// but the exit of Initial::kPrevious is that of `before`: its run, frame and time show how old it is.
inline Answer initial_answer(Initial initial, const Guess& frequent, Answer before) noexcept {
  switch (initial) {
    case Initial::kNone:
      break;
    case Initial::kFrequent:
      return {.label = frequent.label, .confidence = frequent.confidence};
    case Initial::kPrevious:
      if (!before.exists()) break;
      before.exit = -1;
      return before;
  }
  return {};
}

}  // namespace einet
