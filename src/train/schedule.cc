#include "train/schedule.h"

#include "einet/error.h"
#include "train/one_cycle.h"

namespace einet::train {

double learning_rate(const std::string& schedule, double peak, std::int64_t step, std::int64_t steps) {
  if (schedule == "one-cycle") return one_cycle(peak, step, steps);
  if (schedule == "steps") return 2 * step < steps ? peak : 4 * step < 3 * steps ? peak / 10 : peak / 100;
  if (schedule == "constant") return peak;
  throw Error(ErrorKind::kUsage, "schedule '" + schedule + "'", "must be one-cycle, steps or constant");
}

}  // namespace einet::train
