#include "plan/search/suffix_memory.h"

#include <algorithm>

namespace einet::plan {

SuffixMemory::SuffixMemory(const Schedule& schedule)
    : schedule_(schedule), scores_(schedule.exits()), first_row_(schedule.exits()) {}

int SuffixMemory::first_kept(const PlanningState& now) noexcept {
  const int exits = schedule_.exits();
  const double lateness = now.delay - schedule_.full_delay(now.exit + 1);
  if (first_row_ == exits || now.delay < least_delay_ || lateness > lateness_) {
    // Slightly more than requested: the next run may be slightly earlier or later.
    const double margin = schedule_.full_delay(exits) / 64.0;
    first_row_ = exits;
    least_delay_ = now.delay - margin;
    lateness_ = lateness + margin;
  }
  int kept = exits;
  while (kept > first_row_ && scores_[kept - 1] == now.scores[kept - 1]) --kept;
  std::copy(now.scores.begin() + std::min(now.exit + 1, kept), now.scores.begin() + kept,
            scores_.begin() + std::min(now.exit + 1, kept));
  first_row_ = std::min(kept, now.exit + 1);
  return kept;
}

}  // namespace einet::plan
