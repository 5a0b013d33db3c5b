#include "core/pinned.h"

namespace einet {

Pinned::Pinned(Place place) noexcept {
  CPU_ZERO(&before_);
  if (::sched_getaffinity(0, sizeof before_, &before_) != 0 || CPU_COUNT(&before_) < 2) return;
  int chosen = -1;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &before_)) continue;
    chosen = cpu;
    if (place == Place::kFirst) break;
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(chosen, &one);
  pinned_ = ::sched_setaffinity(0, sizeof one, &one) == 0;
}

Pinned::~Pinned() {
  if (pinned_) ::sched_setaffinity(0, sizeof before_, &before_);
}

}  // namespace einet
