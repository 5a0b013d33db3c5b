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
      memory_(allocate(compiled.arena_floats * static_cast<std::int64_t>(sizeof(float)))),
      arena_(reinterpret_cast<float*>(memory_.get())) {
  pools_[0].reset(BlockPool::lease());
  if (compiled.branch_lane) pools_[1].reset(BlockPool::lease());
  std::fill_n(arena_, compiled.arena_floats,
              0.0f);  // Also touches the pages, so that the first run has no page faults.
  for (std::size_t part = 0; part + 1 < compiled.part_begin.size(); ++part) {
    auto* const scratchpad = reinterpret_cast<std::byte*>(arena_ + compiled.scratchpads[part % 2]);
    for (std::size_t i = compiled.part_begin[part]; i < compiled.part_begin[part + 1]; ++i) {
      const Step& step = compiled.steps[i];
      calls_.push_back(step.layer ? step.layer->bind(arena_, scratchpad) : nullptr);
    }
  }
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

bool BlockExecution::run_step(std::size_t i) noexcept {
  const Step& step = compiled_.steps[i];
  if (calls_[i] && !calls_[i]->run()) return false;
  if (step.kernel) step.kernel(arena_);
  return true;
}

PartEnd BlockExecution::run(std::size_t part, StopSignal stop) noexcept {
  use_threads(compiled_.threads);
  const PoolScope scope(pools_[compiled_.branch_lane ? part % 2 : 0].get());
  for (std::size_t i = compiled_.part_begin[part]; i < compiled_.part_begin[part + 1]; ++i) {
    if (stop.raised()) return PartEnd::kStopped;
    if (!run_step(i)) return PartEnd::kFailed;
  }
  return PartEnd::kDone;
}

void BlockExecution::time_steps(std::span<double> fastest) noexcept {
  use_threads(compiled_.threads);
  const PoolScope scope(pools_[0].get());
  auto last = Clock::now();
  for (std::size_t i = 0; i < compiled_.steps.size(); ++i) {
    run_step(i);
    const auto now = Clock::now();
    fastest[i] = std::min(fastest[i], Seconds(now - last).count());
    last = now;
  }
}

}  // namespace einet::exec
