#pragma once

#include <cstdint>

namespace einet::exec {

/// Sets the number of OpenMP threads, if oneDNN uses OpenMP, for everything that the calling thread runs.
void use_threads(int threads) noexcept;

/// Waking other threads takes a few microseconds, as long as this many multiply-accumulates, or as processing this many
/// elements of a map.
inline constexpr std::int64_t kMacsWorthSharing = 500'000, kElementsWorthSharing = 50'000;

/// Calls work(first, count) for consecutive pieces of `rows`, on `threads` threads.
template <class Work>
void share(int threads, std::int64_t rows, const Work& work) {
  if (threads <= 1) return work(std::int64_t{0}, rows);
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int t = 0; t < threads; ++t) {
    const std::int64_t first = rows * t / threads;
    work(first, rows * (t + 1) / threads - first);
  }
}

}  // namespace einet::exec
