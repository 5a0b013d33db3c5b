// The block executor: a graph goes through the stages
//
//   lowering/   graph -> operations (one rule per operator), then fused          Network
//   layout/     -> a place for every value, then every buffer in one arena       Layout, MemoryPlan
//   onednn/     -> primitives of oneDNN and kernels of our own                   Step
//
// each plain data between, and what is left at run time is a list of steps per conv part and per branch.

#include "einet/exec/program.h"

#include <algorithm>
#include <dnnl.hpp>
#include <new>

#include "block_pool.h"
#include "einet/core/error.h"
#include "kernels/scalar.h"
#include "layout/layout.h"
#include "layout/lifetimes.h"
#include "layout/memory_plan.h"
#include "lowering/fuse.h"
#include "lowering/lower.h"
#include "memory_limit.h"
#include "onednn/steps.h"
#include "subject.h"

namespace einet::exec {
namespace {

struct FreeAligned {
  void operator()(float* arena) const { ::operator delete[](arena, std::align_val_t{kAlignment}); }
};
using Arena = std::unique_ptr<float[], FreeAligned>;

struct GiveBack {
  void operator()(BlockPool* pool) const { pool->give_back(); }
};
using PoolLease = std::unique_ptr<BlockPool, GiveBack>;

// A place in the arena, in floats.
struct Place {
  std::int64_t offset = 0;
  std::int64_t size = 0;
};

struct Compiled {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  std::vector<Step> steps;
  std::vector<std::size_t> part_begin;  ///< Steps of part p: [part_begin[p], part_begin[p + 1]).
  std::int64_t arena_floats = 0;
  std::int64_t scratchpad = 0;  ///< Offset of what all primitives share.
  Place input;
  std::vector<Place> exits;
};

Compiled build(const Subject& subject, const CompileOptions& options) {
  Network network = lower(subject);
  fuse(network);
  const Layout layout = place(std::move(network), options.concat_in_place);
  const MemoryPlan plan = plan_memory(lifetimes(layout));

  Compiled compiled;
  std::int64_t scratchpad = 0;
  compiled.part_begin.assign(2 * subject.blocks.size() + 1, 0);
  for (const PlacedOperation& operation : layout.operations) {
    try {
      compiled.steps.push_back(build_step(operation, layout.values, plan, compiled.engine));
    } catch (const dnnl::error& error) {
      throw Error(ErrorKind::kUnsupported, "node '" + operation.operation.node + "'",
                  std::string("oneDNN cannot run it: ") + error.what());
    }
    if (!compiled.steps.back().kernel) {
      scratchpad = std::max(scratchpad, static_cast<std::int64_t>(compiled.steps.back().scratchpad.get_size()));
    }
    ++compiled.part_begin[static_cast<std::size_t>(operation.operation.part) + 1];
  }
  for (std::size_t part = 1; part < compiled.part_begin.size(); ++part) {
    compiled.part_begin[part] += compiled.part_begin[part - 1];
  }
  const auto place_of = [&](const View& view) {
    const std::int64_t offset = plan.offsets[static_cast<std::size_t>(view.buffer)];
    return Place{offset / static_cast<std::int64_t>(sizeof(float)) + view.offset, view.pixels * view.channels};
  };
  compiled.input = place_of(layout.input);
  for (const View& exit : layout.exits) compiled.exits.push_back(place_of(exit));
  compiled.scratchpad = plan.bytes / static_cast<std::int64_t>(sizeof(float));
  // Vector stores that keep what lies behind the end of a row must find it in the arena.
  check_memory(subject.graph.name, plan.bytes + scratchpad);
  compiled.arena_floats = (plan.bytes + scratchpad + kAlignment) / static_cast<std::int64_t>(sizeof(float)) + 1;
  return compiled;
}

class BlockExecution final : public Execution {
 public:
  BlockExecution(const Compiled& compiled, const graph::Shape& input_shape)
      : compiled_(compiled),
        images_(input_shape[0]),
        channels_(input_shape.size() > 1 ? input_shape[1] : 1),
        area_(graph::element_count(input_shape) / (images_ * channels_)),
        stream_(compiled.engine),
        pool_(BlockPool::lease()) {
    const auto floats = static_cast<std::size_t>(compiled.arena_floats);
    arena_.reset(static_cast<float*>(::operator new[](floats * sizeof(float), std::align_val_t{kAlignment})));
    std::fill_n(arena_.get(), floats, 0.0f);  // Also fetches the pages, so that the first run does not have to.
    for (const Step& step : compiled.steps) bind(step);
  }

  void set_input(std::span<const float> input) noexcept override {
    const Place& place = compiled_.input;
    if (static_cast<std::int64_t>(input.size()) != place.size) return;
    permute(input.data(), arena_.get() + place.offset, images_, channels_, area_);
  }

  bool run_conv_part(int i, const std::atomic<bool>& stop) noexcept override {
    return run(2 * static_cast<std::size_t>(i), stop);
  }
  bool run_branch(int i, const std::atomic<bool>& stop) noexcept override {
    return run(2 * static_cast<std::size_t>(i) + 1, stop);
  }

  std::span<const float> output(int i) const noexcept override {
    const Place& place = compiled_.exits[static_cast<std::size_t>(i)];
    return {arena_.get() + place.offset, static_cast<std::size_t>(place.size)};
  }

 private:
  // A primitive with the memory of this execution; nothing for a kernel.
  struct Call {
    std::vector<dnnl::memory> memories;
    std::vector<dnnl_exec_arg_t> arguments;
  };

  void bind(const Step& step) {
    Call call;
    if (!step.kernel) {
      const auto add = [&](int kind, dnnl::memory memory) {
        call.arguments.push_back({kind, memory.get()});
        call.memories.push_back(std::move(memory));
      };
      for (const Argument& argument : step.arguments) {
        add(argument.kind, {argument.description, compiled_.engine, arena_.get() + argument.offset});
      }
      for (const auto& [kind, memory] : step.constants) add(kind, memory);
      if (step.scratchpad.get_size() > 0) {
        add(DNNL_ARG_SCRATCHPAD, {step.scratchpad, compiled_.engine, arena_.get() + compiled_.scratchpad});
      }
    }
    calls_.push_back(std::move(call));
  }

  bool run(std::size_t part, const std::atomic<bool>& stop) noexcept {
    use_one_thread();
    const PoolScope scope(pool_.get());
    for (std::size_t i = compiled_.part_begin[part]; i < compiled_.part_begin[part + 1]; ++i) {
      if (stop.load(std::memory_order_relaxed)) return false;
      const Step& step = compiled_.steps[i];
      if (step.kernel) {
        step.kernel(arena_.get());
      } else {
        // The C interface: dnnl::primitive::execute() would build a map and a vector of the arguments on every call.
        const std::vector<dnnl_exec_arg_t>& arguments = calls_[i].arguments;
        const dnnl_status_t status = dnnl_primitive_execute(step.primitive.get(), stream_.get(),
                                                            static_cast<int>(arguments.size()), arguments.data());
        if (status != dnnl_success) return false;
      }
    }
    return true;
  }

  const Compiled& compiled_;
  std::int64_t images_, channels_, area_;
  dnnl::stream stream_;
  Arena arena_;
  std::vector<Call> calls_;
  PoolLease pool_;
};

class BlockProgram final : public Program {
 public:
  BlockProgram(const Subject& subject, const CompileOptions& options) : compiled_(build(subject, options)) {
    blocks_ = subject.blocks;
    input_shape_ = subject.input_shape;
    outputs_ = subject.outputs;
  }

  std::unique_ptr<Execution> new_execution() const override {
    return std::make_unique<BlockExecution>(compiled_, input_shape_);
  }

  std::vector<std::string> implementations() const override {
    std::vector<std::string> lines;
    for (const Step& step : compiled_.steps) lines.push_back(step.node + ": " + step.implementation);
    return lines;
  }

 private:
  Compiled compiled_;
};

}  // namespace

std::shared_ptr<const Program> compile(const graph::Graph& graph, const CompileOptions& options) {
  use_one_thread();
  return std::make_shared<BlockProgram>(prepare(graph, options.batch), options);
}

}  // namespace einet::exec
