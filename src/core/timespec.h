#pragma once

#include <chrono>
#include <ctime>

namespace einet {

/// A duration of at least 0 as the system calls take it.
inline timespec to_timespec(std::chrono::nanoseconds time) noexcept {
  constexpr std::chrono::nanoseconds kSecond = std::chrono::seconds(1);
  return {.tv_sec = time / kSecond, .tv_nsec = (time % kSecond).count()};
}

}  // namespace einet
