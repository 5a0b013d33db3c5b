#include "runtime/run_terms.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "einet/error.h"

namespace einet {
namespace {

/// About 30 years: the arithmetic of the clock cannot overflow.
constexpr Seconds kFarAway{1e9};

}  // namespace

std::uint64_t run_number(const RunOptions& options, std::uint64_t last) {
  const std::uint64_t run = options.number != 0 ? options.number : last + 1;
  if (run > last) return run;
  throw Error(ErrorKind::kUsage, "run " + std::to_string(run),
              "must have a number above that of the last run, " + std::to_string(last));
}

Clock::time_point run_begin(const RunOptions& options, Clock::time_point now) noexcept {
  return std::clamp(options.begin.value_or(now), Clock::time_point(), now);
}

std::chrono::nanoseconds run_deadline(const RunOptions& options) {
  if (!options.deadline) return kNoRunDeadline;
  if (std::isnan(options.deadline->count())) throw Error(ErrorKind::kInvalidData, "deadline", "is not a number");
  if (*options.deadline >= kFarAway) return kNoRunDeadline;
  return std::chrono::ceil<std::chrono::nanoseconds>(std::max(*options.deadline, Seconds(0)));
}

}  // namespace einet
