// The block executor compiles a graph in these stages, each of which produces plain data:
//
//   lowering/   graph -> operations (one rule per operator), then fusion         Network
//   forms/      -> form and method of every operation                            Network
//   layout/     -> a location for every value, then all buffers in one arena     Layout, MemoryPlan
//   steps/      -> layers of a library and our own kernels                       Step
//
// At run time, only a list of steps per conv part and per branch is left.

#include "exec/program.h"

#include <algorithm>
#include <array>
#include <limits>

#include "core/processors.h"
#include "einet/error.h"
#include "exec/block_program.h"
#include "exec/memory_limit.h"
#include "exec/pipeline.h"
#include "exec/steps/build.h"
#include "exec/threads.h"

namespace einet::exec {
namespace {

// In their given layout; an implementation may pad them.
std::int64_t weight_bytes(const Layout& layout) {
  std::size_t floats = 0;
  for (const PlacedOperation& placed : layout.operations) {
    if (const auto* conv = std::get_if<Convolution>(&placed.operation.kind)) floats += conv->weights.floats().size();
    if (const auto* linear = std::get_if<Linear>(&placed.operation.kind)) floats += linear->weights.size();
  }
  return static_cast<std::int64_t>(floats * sizeof(float));
}

Compiled build(const PreparedGraph& prepared, const CompileOptions& options, graph::PassNotes* notes) {
  const Arranged arranged = arrange(lower_and_fuse(prepared, notes), options, notes);
  const Layout& layout = arranged.layout;
  const MemoryPlan& plan = arranged.plan;

  const std::int64_t weights = weight_bytes(layout);
  check_memory(prepared.graph.name, weights + plan.bytes);

  Compiled compiled;
  compiled.threads = usable_threads(options.threads);
  compiled.branch_lane = options.branch_lane;
  std::array<std::int64_t, 2> scratchpads{};  // Bytes.
  compiled.part_begin.assign(2 * prepared.blocks.size() + 1, 0);
  for (const PlacedOperation& operation : layout.operations) {
    compiled.steps.push_back(build_step(operation, layout.values, plan, compiled.weights, compiled.threads));
    if (compiled.steps.back().layer) {
      std::int64_t& scratchpad = scratchpads[options.branch_lane ? operation.operation.part % 2 : 0];
      scratchpad = std::max(scratchpad, compiled.steps.back().layer->scratchpad_bytes());
    }
    ++compiled.part_begin[static_cast<std::size_t>(operation.operation.part) + 1];
  }
  for (std::size_t part = 1; part < compiled.part_begin.size(); ++part) {
    compiled.part_begin[part] += compiled.part_begin[part - 1];
  }
  const auto place_of = [&](const View& view) {
    const std::int64_t offset = plan.offsets[static_cast<std::size_t>(view.buffer)];
    return ArenaRange{offset / static_cast<std::int64_t>(sizeof(float)) + view.offset, view.pixels * view.channels};
  };
  compiled.input = place_of(layout.input);
  for (const View& exit : layout.exits) compiled.exits.push_back(place_of(exit));
  std::int64_t scratchpad = scratchpads[0];
  compiled.scratchpads.fill(plan.bytes / static_cast<std::int64_t>(sizeof(float)));
  if (options.branch_lane) {
    scratchpad = (scratchpad + kAlignment - 1) / kAlignment * kAlignment;
    compiled.scratchpads[1] += scratchpad / static_cast<std::int64_t>(sizeof(float));
    scratchpad += scratchpads[1];
  }
  check_memory(prepared.graph.name, weights + plan.bytes + scratchpad);
  // Vector stores that preserve the memory after a row must not go beyond the arena.
  compiled.arena_floats = (plan.bytes + scratchpad + kAlignment) / static_cast<std::int64_t>(sizeof(float)) + 1;
  return compiled;
}

}  // namespace

void require_done(PartEnd end) {
  if (end == PartEnd::kFailed) throw Error(ErrorKind::kInternal, "network", "a primitive failed");
  if (end == PartEnd::kStopped) throw Error(ErrorKind::kInternal, "network", "was stopped");
}

BlockProgram::BlockProgram(const PreparedGraph& prepared, const CompileOptions& options, graph::PassNotes* notes)
    : compiled_(build(prepared, options, notes)) {
  blocks_ = prepared.blocks;
  input_shape_ = prepared.input_shape;
  outputs_ = prepared.outputs;
  arena_bytes_ = compiled_.arena_floats * static_cast<std::int64_t>(sizeof(float));
  precision_ = options.precision;
  threads_ = compiled_.threads;
  branch_lane_ = compiled_.branch_lane;
  tuning_ = options.tuning;
}

std::unique_ptr<Execution> BlockProgram::new_execution() const {
  return std::make_unique<BlockExecution>(compiled_, input_shape_);
}

std::vector<std::string> BlockProgram::implementations() const {
  std::vector<std::string> lines;
  for (const Step& step : compiled_.steps) lines.push_back(step.node + ": " + step.implementation);
  return lines;
}

std::shared_ptr<const BlockProgram> compile_blocks(const graph::Graph& graph, const CompileOptions& options,
                                                   graph::PassNotes* notes) {
  if (options.threads < 1) {
    throw Error(ErrorKind::kUsage, graph.name, "cannot run on " + std::to_string(options.threads) + " threads");
  }
  if (options.branch_lane && options.threads > 1) {
    throw Error(
        ErrorKind::kUsage, graph.name,
        "cannot run branches on a second thread if blocks run on " + std::to_string(options.threads) + " threads");
  }
  if (!supports(options.precision)) {
    throw Error(ErrorKind::kUnsupported, std::string(name(options.precision)),
                "this processor has no instructions for it");
  }
  use_threads(usable_threads(options.threads));
  PreparedGraph prepared = prepare(graph, options.batch);
  if (options.one_block) join_blocks(prepared);
  return std::make_shared<BlockProgram>(prepared, options, notes);
}

std::vector<double> step_seconds(const Program& program, int runs) {
  const auto* const compiled = dynamic_cast<const BlockProgram*>(&program);
  if (compiled == nullptr) return {};
  BlockExecution execution(compiled->compiled(), program.input_shape());
  std::vector<double> fastest(compiled->compiled().steps.size(), std::numeric_limits<double>::infinity());
  for (int run = 0; run < runs; ++run) execution.time_steps(fastest);
  return fastest;
}

std::shared_ptr<const Program> compile(const graph::Graph& graph, const CompileOptions& options) {
  return compile_blocks(graph, options);
}

}  // namespace einet::exec
