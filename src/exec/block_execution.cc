#include <algorithm>

#include "einet/time.h"
#include "exec/block_program.h"
#include "exec/kernels/scalar.h"
#include "exec/threads.h"

namespace einet::exec {

BlockExecution::BlockExecution(const Compiled& compiled, const graph::Shape& input_shape)
    : compiled_(compiled),
      images_(input_shape[0]),
      channels_(input_shape.size() > 1 ? input_shape[1] : 1),
      area_(graph::element_count(input_shape) / (images_ * channels_)),
      stream_(compiled.engine),
      memory_(allocate(compiled.arena_floats * static_cast<std::int64_t>(sizeof(float)))),
      arena_(reinterpret_cast<float*>(memory_.get())),
      pool_(BlockPool::lease()) {
  std::fill_n(arena_, compiled.arena_floats,
              0.0f);  // Also touches the pages, so that the first run has no page faults.
  for (const Step& step : compiled.steps) bind(step);
}

void BlockExecution::set_input(std::span<const float> input) noexcept {
  const ArenaRange& place = compiled_.input;
  if (static_cast<std::int64_t>(input.size()) != place.size) return;
  permute(input.data(), arena_ + place.offset, images_, channels_, area_);
}

std::span<const float> BlockExecution::output(int i) const noexcept {
  const ArenaRange& place = compiled_.exits[static_cast<std::size_t>(i)];
  return {arena_ + place.offset, static_cast<std::size_t>(place.size)};
}

void BlockExecution::bind(const Step& step) {
  Call call;
  if (step.primitive) {
    const auto add = [&](int kind, dnnl::memory memory) {
      call.arguments.push_back({kind, memory.get()});
      call.memories.push_back(std::move(memory));
    };
    for (const Argument& argument : step.arguments) {
      add(argument.kind, {argument.description, compiled_.engine, arena_ + argument.offset});
    }
    for (const auto& [kind, memory] : step.constants) add(kind, memory);
    if (step.scratchpad.get_size() > 0) {
      add(DNNL_ARG_SCRATCHPAD, {step.scratchpad, compiled_.engine, arena_ + compiled_.scratchpad});
    }
  }
  calls_.push_back(std::move(call));
}

bool BlockExecution::run_step(std::size_t i) noexcept {
  const Step& step = compiled_.steps[i];
  if (step.primitive) {
    // The C interface, because dnnl::primitive::execute() builds a map and a vector of the arguments in every call.
    const std::vector<dnnl_exec_arg_t>& arguments = calls_[i].arguments;
    if (dnnl_primitive_execute(step.primitive.get(), stream_.get(), static_cast<int>(arguments.size()),
                               arguments.data()) != dnnl_success) {
      return false;
    }
  }
  if (step.kernel) step.kernel(arena_);
  return true;
}

PartEnd BlockExecution::run(std::size_t part, StopSignal stop) noexcept {
  use_threads(compiled_.threads);
  const PoolScope scope(pool_.get());
  for (std::size_t i = compiled_.part_begin[part]; i < compiled_.part_begin[part + 1]; ++i) {
    if (stop.raised()) return PartEnd::kStopped;
    if (!run_step(i)) return PartEnd::kFailed;
  }
  return PartEnd::kDone;
}

void BlockExecution::time_steps(std::span<double> fastest) noexcept {
  use_threads(compiled_.threads);
  const PoolScope scope(pool_.get());
  auto last = Clock::now();
  for (std::size_t i = 0; i < compiled_.steps.size(); ++i) {
    run_step(i);
    const auto now = Clock::now();
    fastest[i] = std::min(fastest[i], Seconds(now - last).count());
    last = now;
  }
}

}  // namespace einet::exec
