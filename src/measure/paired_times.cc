#include "measure/paired_times.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "measure/timed_run.h"
#include "profile/statistics.h"

namespace einet::measure {
namespace {

class Runner {
 public:
  explicit Runner(const exec::Program& program)
      : program_(program),
        execution_(program.new_execution()),
        input_(noise(program.input_size())),
        overhead_(clock_overhead()),
        parts_(2 * static_cast<std::size_t>(program.exits())) {}

  // Seconds to the answer of each exit, and of everything.
  std::vector<double> run() {
    timed_run(program_, *execution_, input_, overhead_, parts_);
    std::vector<double> times;
    double trunk = 0.0;
    for (std::size_t part = 0; part < parts_.size(); part += 2) {
      trunk += parts_[part];
      times.push_back(trunk + parts_[part + 1]);
    }
    times.push_back(std::accumulate(parts_.begin(), parts_.end(), 0.0));
    return times;
  }

 private:
  const exec::Program& program_;
  std::unique_ptr<exec::Execution> execution_;
  std::vector<float> input_;
  double overhead_;
  std::vector<double> parts_;
};

}  // namespace

PairedTimes paired_times(const exec::Program& first, const exec::Program& second, Seconds budget) {
  constexpr std::size_t kFewest = 20, kMost = 20000;
  constexpr int kWarmUp = 3;
  Runner a(first), b(second);
  for (int i = 0; i < kWarmUp; ++i) {
    a.run();
    b.run();
  }
  std::vector<std::vector<double>> all_a, all_b;
  const auto begin = Clock::now();
  while (all_a.size() < kFewest || (all_a.size() < kMost && Clock::now() - begin < budget)) {
    all_a.push_back(a.run());
    all_b.push_back(b.run());
  }
  PairedTimes result;
  for (std::size_t i = 0; i < all_a.front().size(); ++i) {
    std::vector<double> x, y, ratio;
    for (std::size_t run = 0; run < all_a.size(); ++run) {
      x.push_back(all_a[run][i]);
      y.push_back(all_b[run][i]);
      ratio.push_back(y.back() > 0.0 ? x.back() / y.back() : 1.0);
    }
    result.first.push_back(profile::median(std::move(x)));
    result.second.push_back(profile::median(std::move(y)));
    result.speedup.push_back(profile::median(std::move(ratio)));
  }
  return result;
}

}  // namespace einet::measure
