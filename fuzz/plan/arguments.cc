// Any bytes as the arguments of --distribution and --planner: the result must be a clear error or a working object.

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "einet/error.h"
#include "einet/planner.h"

using namespace einet;
using namespace einet::plan;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void parse_as_distribution(std::string_view text) {
  if (text.starts_with("csv:")) return;  // The fuzzer must not open files.
  std::shared_ptr<const ExitTimeDistribution> distribution;
  try {
    distribution = parse_distribution(text, 2.0);
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kUsage);
    return;
  }
  double before = 0.0;
  for (int k = 0; k <= 40; ++k) {
    const double level = distribution->cdf(k / 16.0);
    require(level >= before - 1e-12 && level <= 1.0);
    before = level;
    require(distribution->quantile(k / 40.0) >= 0.0);
  }
  require(distribution->cdf(distribution->horizon()) == 1.0);
  const auto again = parse_distribution(distribution->description(), 2.0);
  for (int k = 0; k <= 40; ++k) require(std::abs(again->cdf(k / 16.0) - distribution->cdf(k / 16.0)) < 1e-9);
}

void parse_as_planner(std::string_view text) {
  const BlockTimes times{{1, 1, 1}, {0.5, 1, 0.25}, {}};
  try {
    require(make_planner(text, times, uniform_distribution(4.0)) != nullptr);
  } catch (const Error& error) {
    require(error.kind() == ErrorKind::kUsage);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  parse_as_distribution(text);
  parse_as_planner(text);
  return 0;
}
