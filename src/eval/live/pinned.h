#pragma once

#include <sched.h>

namespace einet::eval {

/// Keeps the calling thread on one processor while it lives; threads started meanwhile stay there for good.
///
/// Does nothing where this thread may only use one processor anyway, or where pinning is forbidden.
class Pinned {
 public:
  /// Two places that are different processors where there are two.
  enum class Place { kFirst, kLast };

  explicit Pinned(Place place) noexcept;
  ~Pinned();
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

 private:
  cpu_set_t before_;
  bool pinned_ = false;
};

}  // namespace einet::eval
