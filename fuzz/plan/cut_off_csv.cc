// Any bytes as a CSV of observed cut-offs: the result must be a clear error or a valid distribution.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "einet/error.h"
#include "einet/planner.h"

using namespace einet;
using namespace einet::plan;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view csv(reinterpret_cast<const char*>(data), size);
  std::vector<double> cut_offs;
  try {
    cut_offs = parse_cut_offs(csv, "fuzz.csv");
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kInvalidData);
    return 0;
  }
  const auto distribution = empirical_distribution(cut_offs);
  require(distribution->horizon() == *std::max_element(cut_offs.begin(), cut_offs.end()));
  double before = 0.0;
  for (int k = 0; k <= 32; ++k) {
    const double level = distribution->cdf(distribution->horizon() * (k / 32.0));
    require(level >= before && level <= 1.0);
    before = level;
    const double t = distribution->quantile(k / 32.0);
    require(t >= 0.0 && t <= distribution->horizon());
  }
  require(before == 1.0);

  // The exact planner must find a plan as good as the best of all plans, whatever the cut-offs.
  const double unit = distribution->horizon() / 4.0;
  const BlockTimes times{{unit, unit, unit}, {unit / 2, unit, unit / 4}, {}};
  const std::vector<double> scores = {0.3, 0.6, 0.9};
  const Planned exact = make_planner("exact", times, distribution)->plan(scores);
  const Planned best = make_planner("enumerate", times, distribution)->plan(scores);
  require(exact.expectation >= best.expectation - 1e-12 && exact.gap() == 0.0);
  return 0;
}
