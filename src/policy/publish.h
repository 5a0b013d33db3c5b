#pragma once

#include "einet/answer.h"

namespace einet {

/// Whether an answer of confidence `now` replaces the shown one, of confidence `shown`. The first is always shown.
constexpr bool replaces(Publish publish, float now, float shown) noexcept {
  return publish != Publish::kMostConfident || now > shown;
}

}  // namespace einet
