#pragma once

#include "einet/answer.h"

namespace einet {

/// The initial answer of a run without an answer. `before` is the last answer of earlier runs, or none. For
/// Initial::kPrevious everything except the exit is that of `before`: its run, frame and time show how old it is.
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
