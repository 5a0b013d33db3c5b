#include "measure/block_overhead.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "measure/timed_run.h"
#include "profile/statistics.h"

namespace einet::measure {
namespace {

double median(std::span<const double> times) { return profile::summarize_runs(times).p50; }

class Contender {
 public:
  Contender(const graph::Graph& graph, const exec::CompileOptions& options)
      : program_(exec::compile(graph, options)), execution_(program_->new_execution()) {}

  /// Median of several runs, after warm-up runs that replace the other program's weights in the caches.
  double turn(std::span<const float> input) {
    constexpr int kFewestRuns = 4, kMostRuns = 1000;
    constexpr double kSeconds = 0.1;
    const int runs =
        std::clamp(static_cast<int>(kSeconds / whole_run(*program_, *execution_, input)), kFewestRuns, kMostRuns);
    std::vector<double> times(static_cast<std::size_t>(runs));
    for (double& seconds : times) seconds = whole_run(*program_, *execution_, input);
    return median(std::span(times).subspan(times.size() / 2));
  }

 private:
  std::shared_ptr<const exec::Program> program_;
  std::unique_ptr<exec::Execution> execution_;
};

}  // namespace

BlockOverhead measure_block_overhead(const graph::Graph& graph, const exec::CompileOptions& options,
                                     std::span<const float> input, Seconds budget) {
  constexpr int kFewestPairs = 6;
  exec::CompileOptions one_piece = options;
  one_piece.one_block = true;
  std::vector<double> ratios, one_block;
  Seconds spent{0};
  for (int pair = 0; pair % 2 == 1 || pair < kFewestPairs || spent < budget; ++pair) {
    // The program that is compiled and run first alternates between pairs; the other one has two turns in a row.
    const bool blocks_first = pair % 2 == 0;
    Contender first(graph, blocks_first ? options : one_piece), second(graph, blocks_first ? one_piece : options);
    const auto begin = Clock::now();
    double of_first = first.turn(input);
    const double of_second = (second.turn(input) + second.turn(input)) / 2;
    of_first = (of_first + first.turn(input)) / 2;
    spent += Clock::now() - begin;
    one_block.push_back(blocks_first ? of_second : of_first);
    ratios.push_back((blocks_first ? of_first : of_second) / one_block.back());
  }
  return {median(ratios), median(one_block)};
}

}  // namespace einet::measure
