#include "load/arrivals.h"

#include <cmath>
#include <random>

namespace einet::load {

std::vector<Seconds> poisson_arrivals(double rate, int count, std::uint64_t seed) {
  // Not std::exponential_distribution, whose values depend on the library.
  constexpr int kBits = 53;
  std::mt19937_64 random(seed);
  std::vector<Seconds> arrivals;
  Seconds now{0};
  for (int i = 0; i < count; ++i) {
    const double uniform = std::ldexp(static_cast<double>(random() >> (64 - kBits)), -kBits);  // In [0,1).
    now += Seconds(-std::log1p(-uniform) / rate);
    arrivals.push_back(now);
  }
  return arrivals;
}

}  // namespace einet::load
