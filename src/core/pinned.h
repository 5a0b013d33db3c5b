#pragma once

#include <sched.h>

namespace einet {

/// Pins the calling thread to one processor during its lifetime; threads started in that time stay pinned.
///
/// Does nothing if this thread may only use one processor, or if pinning is not permitted.
class Pinned {
 public:
  /// The two values select different processors if there are at least two.
  enum class Place { kFirst, kLast };

  explicit Pinned(Place place) noexcept;
  ~Pinned();
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

 private:
  cpu_set_t before_;
  bool pinned_ = false;
};

}  // namespace einet
