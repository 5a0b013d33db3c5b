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
    constexpr int kFewestRuns = 4, kMostRuns = 200;
    constexpr double kSeconds = 0.02;
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
  constexpr int kFewestPairs = 6, kTurns = 4;
  exec::CompileOptions one_piece = options;
  one_piece.one_block = true;
  std::vector<double> ratios, one_block;
  Seconds spent{0};
  for (int pair = 0; pair < kFewestPairs || spent < budget; ++pair) {
    // Who is compiled first and who begins changes from pair to pair.
    const bool blocks_first = pair % 2 == 0;
    Contender first(graph, blocks_first ? options : one_piece), second(graph, blocks_first ? one_piece : options);
    Contender &blocks = blocks_first ? first : second, &one = blocks_first ? second : first;
    const auto begin = Clock::now();
    std::vector<double> in_blocks, in_one;
    for (int turn = 0; turn < kTurns; ++turn) {
      if (turn % 2 == 0) in_blocks.push_back(blocks.turn(input));
      in_one.push_back(one.turn(input));
      if (turn % 2 == 1) in_blocks.push_back(blocks.turn(input));
    }
    spent += Clock::now() - begin;
    one_block.push_back(median(in_one));
    ratios.push_back(median(std::move(in_blocks)) / one_block.back());
  }
  return {median(std::move(ratios)), median(std::move(one_block))};
}

}  // namespace einet::profile
