#include "plan/search/most_gain.h"

// Highway compiles this file once for each instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "plan/search/most_gain.cc"
#include <hwy/foreach_target.h>
// foreach_target.h must come first.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace einet::plan::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void most_gain_here(const GainQuery& query, int first, int last, double* most) {
  const HWY_CAPPED(double, kGainOverrun / 4) d;
  const int lanes = static_cast<int>(hn::Lanes(d));
  const double score = query.scores[query.exit];
  const auto rise = hn::Set(d, query.rise);
  for (int begin = first; begin <= last; begin += 4 * lanes) {
    auto most0 = hn::Zero(d);
    auto most1 = most0;
    auto most2 = most0;
    auto most3 = most0;
    for (int next = query.exit + 1; next < query.exits; ++next) {
      if ((next - query.exit) % 4 == 0) {  // Only checked at every fourth exit: it costs as much as a row.
        const double* soonest = query.survival + query.soonest[next] * query.stride + begin;
        const auto reached = [&](auto reached_here, int at)
                                 HWY_ATTR { return hn::Ge(reached_here, hn::Mul(rise, hn::LoadU(d, soonest + at))); };
        const auto all = hn::And(hn::And(reached(most0, 0), reached(most1, lanes)),
                                 hn::And(reached(most2, 2 * lanes), reached(most3, 3 * lanes)));
        if (hn::AllTrue(d, all)) break;
      }
      const double gain_once = query.scores[next] - score;
      if (gain_once <= 0.0) continue;
      const auto gain = hn::Set(d, gain_once);
      const double* survival = query.survival + next * query.stride + begin;
      const double* onward = query.onward + next * query.stride + begin;
      const auto through = [&](int at) HWY_ATTR {
        return hn::MulAdd(gain, hn::LoadU(d, survival + at), hn::LoadU(d, onward + at));
      };
      most0 = hn::Max(most0, through(0));
      most1 = hn::Max(most1, through(lanes));
      most2 = hn::Max(most2, through(2 * lanes));
      most3 = hn::Max(most3, through(3 * lanes));
    }
    hn::StoreU(most0, d, most + begin);
    hn::StoreU(most1, d, most + begin + lanes);
    hn::StoreU(most2, d, most + begin + 2 * lanes);
    hn::StoreU(most3, d, most + begin + 3 * lanes);
  }
}

}  // namespace einet::plan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace einet::plan {

HWY_EXPORT(most_gain_here);

void most_gain(const GainQuery& query, int first, int last, double* most) noexcept {
  HWY_DYNAMIC_DISPATCH(most_gain_here)(query, first, last, most);
}

}  // namespace einet::plan
#endif
