#pragma once

#include <cstdint>

namespace einet::data {

/// SplitMix64 (Steele, Lea, Flood 2014): a counter and a mixing function. Seeding takes nanoseconds, and the results
/// are the same on every platform and standard library, unlike those of std::shuffle and the distributions of <random>.
class SplitMix64 {
 public:
  /// A separate stream for every triple.
  SplitMix64(std::uint64_t seed, std::uint64_t epoch, std::uint64_t item)
      : state_(mix(mix(mix(seed + kStep) ^ (epoch + kStep)) ^ (item + kStep))) {}

  std::uint64_t next() { return mix(state_ += kStep); }

  /// Uniform in [0, bound); bound < 2^32. The bias of the multiplication method is below 2^-32.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * std::uint64_t{bound}) >> 32);
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;

  static constexpr std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace einet::data
