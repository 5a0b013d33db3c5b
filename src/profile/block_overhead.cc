#include "block_overhead.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "einet/profile/statistics.h"
#include "timed_run.h"

namespace einet::profile {
namespace {

double median(std::vector<double> times) { return summarize_runs(times, 1).front().p50; }

class Contender {
 public:
  Contender(const graph::Graph& graph, const exec::CompileOptions& options)
      : program_(exec::compile(graph, options)), execution_(program_->new_execution()) {}

  /// Median of some runs. Those before them find the caches full of the other's weights.
  double turn(std::span<const float> input) {
    constexpr int kFewestRuns = 4, kMostRuns = 1000;
    constexpr double kSeconds = 0.1;
    const int runs =
        std::clamp(static_cast<int>(kSeconds / whole_run(*program_, *execution_, input)), kFewestRuns, kMostRuns);
    std::vector<double> times(static_cast<std::size_t>(runs));
    for (double& seconds : times) seconds = whole_run(*program_, *execution_, input);
    return median({times.begin() + runs / 2, times.end()});
  }

 private:
  std::shared_ptr<const exec::Program> program_;
  std::unique_ptr<exec::Execution> execution_;
};

}  // namespace

BlockOverhead measure_block_overhead(const graph::Graph& graph, const exec::CompileOptions& options,
                                     std::span<const float> input, Seconds budget) {
  constexpr int kFewestPairs = 6, kTurns = 2;
  exec::CompileOptions one_piece = options;
  one_piece.one_block = true;
  std::vector<double> ratios, one_block;
  Seconds spent{0};
  for (int pair = 0; pair % 2 == 1 || pair < kFewestPairs || spent < budget; ++pair) {
    // Who is compiled first and begins, and so takes no two turns in a row, changes from pair to pair.
    const bool blocks_first = pair % 2 == 0;
    Contender first(graph, blocks_first ? options : one_piece), second(graph, blocks_first ? one_piece : options);
    const auto begin = Clock::now();
    std::vector<double> of_first, of_second;
    for (int turn = 0; turn < kTurns; ++turn) {
      if (turn % 2 == 0) of_first.push_back(first.turn(input));
      of_second.push_back(second.turn(input));
      if (turn % 2 == 1) of_first.push_back(first.turn(input));
    }
    spent += Clock::now() - begin;
    const double in_blocks = median(blocks_first ? of_first : of_second);
    one_block.push_back(median(blocks_first ? of_second : of_first));
    ratios.push_back(in_blocks / one_block.back());
  }
  return {median(std::move(ratios)), median(std::move(one_block))};
}

}  // namespace einet::profile
