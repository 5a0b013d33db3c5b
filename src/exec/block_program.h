#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "exec/block_pool.h"
#include "exec/layout/memory_plan.h"
#include "exec/memory.h"
#include "exec/prepared_graph.h"
#include "exec/program.h"
#include "exec/steps/step.h"
#include "graph/pass_note.h"

namespace einet::exec {

/// A place in the arena, in floats.
struct ArenaRange {
  std::int64_t offset = 0;
  std::int64_t size = 0;
};

/// The compiled form of a network: a list of steps per conv part and per branch.
struct Compiled {
  WeightStore weights;  ///< Of the steps.
  std::vector<Step> steps;
  std::vector<std::size_t> part_begin;  ///< Steps of part p: [part_begin[p], part_begin[p + 1]).
  std::int64_t arena_floats = 0;
  /// Offsets of the scratchpads that the layers of conv parts and those of branches share, in floats: the same one
  /// unless there is a branch lane.
  std::array<std::int64_t, 2> scratchpads{};
  bool branch_lane = false;
  ArenaRange input;
  std::vector<ArenaRange> exits;
  int threads = 1;
};

class BlockExecution final : public Execution {
 public:
  BlockExecution(const Compiled& compiled, const graph::Shape& input_shape);

  void set_input(std::span<const float> input) noexcept override;
  PartEnd run_conv_part(int i, StopSignal stop) noexcept override { return run(2 * static_cast<std::size_t>(i), stop); }
  PartEnd run_branch(int i, StopSignal stop) noexcept override {
    return run(2 * static_cast<std::size_t>(i) + 1, stop);
  }
  std::span<const float> output(int i) const noexcept override;

  /// Runs everything, and reduces fastest[s] to the seconds taken by step s if it was faster.
  void time_steps(std::span<double> fastest) noexcept;

 private:
  struct GiveBack {
    void operator()(BlockPool* pool) const { pool->give_back(); }
  };

  PartEnd run(std::size_t part, StopSignal stop) noexcept;
  bool run_step(std::size_t i) noexcept;

  const Compiled& compiled_;
  std::int64_t images_, channels_, area_;
  Memory memory_;
  float* arena_;                                     ///< All of memory_.
  std::vector<std::unique_ptr<LibraryCall>> calls_;  ///< By step; null for a kernel alone.
  /// Of the thread that runs conv parts and of that which runs branches; the second is null unless it is another.
  std::array<std::unique_ptr<BlockPool, GiveBack>, 2> pools_;
};

class BlockProgram final : public Program {
 public:
  /// The passes report to `notes` unless it is null.
  BlockProgram(const PreparedGraph& prepared, const CompileOptions& options, graph::PassNotes* notes = nullptr);

  std::unique_ptr<Execution> new_execution() const override;
  std::vector<std::string> implementations() const override;
  const Compiled& compiled() const { return compiled_; }

 private:
  Compiled compiled_;
};

/// compile(), with a report of the passes to `notes` unless it is null.
std::shared_ptr<const BlockProgram> compile_blocks(const graph::Graph& graph, const CompileOptions& options,
                                                   graph::PassNotes* notes = nullptr);

}  // namespace einet::exec
