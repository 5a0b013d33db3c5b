#include <algorithm>
#include <new>

#include "block_program.h"
#include "einet/core/time.h"
#include "kernels/scalar.h"
#include "threads.h"

namespace einet::exec {

void BlockExecution::FreeAligned::operator()(float* arena) const {
  ::operator delete[](arena, std::align_val_t{kAlignment});
}

BlockExecution::BlockExecution(const Compiled& compiled, const graph::Shape& input_shape)
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

void BlockExecution::set_input(std::span<const float> input) noexcept {
  const Place& place = compiled_.input;
  if (static_cast<std::int64_t>(input.size()) != place.size) return;
  permute(input.data(), arena_.get() + place.offset, images_, channels_, area_);
}

std::span<const float> BlockExecution::output(int i) const noexcept {
  const Place& place = compiled_.exits[static_cast<std::size_t>(i)];
  return {arena_.get() + place.offset, static_cast<std::size_t>(place.size)};
}

void BlockExecution::bind(const Step& step) {
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

bool BlockExecution::run_step(std::size_t i) noexcept {
  const Step& step = compiled_.steps[i];
  if (step.kernel) {
    step.kernel(arena_.get());
    return true;
  }
  // The C interface: dnnl::primitive::execute() would build a map and a vector of the arguments on every call.
  const std::vector<dnnl_exec_arg_t>& arguments = calls_[i].arguments;
  return dnnl_primitive_execute(step.primitive.get(), stream_.get(), static_cast<int>(arguments.size()),
                                arguments.data()) == dnnl_success;
}

bool BlockExecution::run(std::size_t part, const std::atomic<bool>& stop) noexcept {
  use_threads(compiled_.threads);
  const PoolScope scope(pool_.get());
  for (std::size_t i = compiled_.part_begin[part]; i < compiled_.part_begin[part + 1]; ++i) {
    if (stop.load(std::memory_order_relaxed) || !run_step(i)) return false;
  }
  return true;
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
