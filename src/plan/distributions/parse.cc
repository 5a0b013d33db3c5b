#include <array>
#include <string>
#include <string_view>

#include "einet/core/error.h"
#include "einet/plan/distribution.h"

namespace einet::plan {

std::shared_ptr<const ExitTimeDistribution> parse_distribution(std::string_view text, double horizon) {
  if (text == "uniform") return uniform_distribution(horizon);
  const std::string nearest = nearest_name(text, std::array<std::string, 1>{"uniform"});
  throw Error(ErrorKind::kUsage, "distribution '" + std::string(text) + "'",
              nearest.empty() ? "there is no such distribution" : "unknown; did you mean '" + nearest + "'?");
}

}  // namespace einet::plan
