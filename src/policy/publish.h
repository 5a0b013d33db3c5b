#pragma once

namespace einet {

/// Which answer a run shows.
enum class Publish {
  kLatest,         ///< The last exit executed (the paper).
  kMostConfident,  ///< The most confident so far.
};

/// Whether an answer of confidence `now` replaces the shown one, of confidence `shown`. The first is always shown.
constexpr bool replaces(Publish publish, float now, float shown) noexcept {
  return publish == Publish::kLatest || now > shown;
}

}  // namespace einet
