// A multiply-add has a latency of about four cycles, and two can start per cycle, so at least eight sums must be in
// flight; twelve leave some slack and fit into sixteen registers.

#include "measure/peak.h"

#include <algorithm>

#include "einet/time.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "measure/peak.cc"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace einet::measure {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Returns the number of float operations executed. `values` holds twelve different numbers, so that the compiler cannot
// merge the sums; it receives the results, so that the compiler cannot remove the work.
double multiply_adds(long rounds, float* values) {
  const hn::ScalableTag<float> d;
  const auto factor = hn::Set(d, 0.999f), term = hn::Set(d, 0.001f);
  auto a = hn::Set(d, values[0]), b = hn::Set(d, values[1]), c = hn::Set(d, values[2]), e = hn::Set(d, values[3]);
  auto f = hn::Set(d, values[4]), g = hn::Set(d, values[5]), h = hn::Set(d, values[6]), i = hn::Set(d, values[7]);
  auto j = hn::Set(d, values[8]), k = hn::Set(d, values[9]), l = hn::Set(d, values[10]), m = hn::Set(d, values[11]);
  for (long round = 0; round < rounds; ++round) {
    a = hn::MulAdd(a, factor, term);
    b = hn::MulAdd(b, factor, term);
    c = hn::MulAdd(c, factor, term);
    e = hn::MulAdd(e, factor, term);
    f = hn::MulAdd(f, factor, term);
    g = hn::MulAdd(g, factor, term);
    h = hn::MulAdd(h, factor, term);
    i = hn::MulAdd(i, factor, term);
    j = hn::MulAdd(j, factor, term);
    k = hn::MulAdd(k, factor, term);
    l = hn::MulAdd(l, factor, term);
    m = hn::MulAdd(m, factor, term);
  }
  const auto sum = hn::Add(hn::Add(hn::Add(hn::Add(a, b), hn::Add(c, e)), hn::Add(hn::Add(f, g), hn::Add(h, i))),
                           hn::Add(hn::Add(j, k), hn::Add(l, m)));
  values[0] = hn::GetLane(sum);
  return 12.0 * 2.0 * static_cast<double>(rounds) * static_cast<double>(hn::Lanes(d));
}

}  // namespace HWY_NAMESPACE
}  // namespace einet::measure
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::measure {
namespace {

HWY_EXPORT(multiply_adds);

}  // namespace

double peak_flops() {
  constexpr long kRounds = 20000;
  constexpr int kTries = 200;
  volatile float sink = 0.0f;
  double best = 0.0;
  for (int attempt = 0; attempt < kTries; ++attempt) {
    float values[12];
    for (int i = 0; i < 12; ++i) values[i] = static_cast<float>(i + attempt);
    const auto begin = Clock::now();
    const double operations = HWY_DYNAMIC_DISPATCH(multiply_adds)(kRounds, values);
    best = std::max(best, operations / Seconds(Clock::now() - begin).count());
    sink = values[0];
  }
  static_cast<void>(sink);
  return best;
}

}  // namespace einet::measure
#endif
