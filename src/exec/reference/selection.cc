#include "graph/selection.h"

#include "exec/reference/loop.h"

namespace einet::exec {
namespace {

// Slice, Pad, Gather, Expand, Tile, Resize (nearest): element by element.
Loop select(const Operands& o) {
  const auto constants = graph::constants(o.graph, o.node);
  return [selection = graph::selection(o.node, o.inputs[0], constants), count = graph::element_count(o.output)](
             std::span<const float* const> in, float* out) {
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t rest = i, from = 0, step = 1;
      bool filled = false;
      for (std::size_t d = selection.source.size(); d-- > 0; step *= selection.from[d]) {
        const auto size = static_cast<std::int64_t>(selection.source[d].size());
        const std::int64_t source = selection.source[d][static_cast<std::size_t>(rest % size)];
        filled = filled || source == graph::Selection::kFilled;
        from += source * step;
        rest /= size;
      }
      out[i] = filled ? selection.fill : in[0][from];
    }
  };
}

// The sum over the taps at `position` along dimension d and all later ones, of the input starting at `x`.
double interpolated(const graph::Interpolation& by, const graph::Shape& shape,
                    const std::vector<std::int64_t>& position, std::size_t d, const float* x) {
  if (d == shape.size()) return *x;
  std::int64_t step = 1;
  for (std::size_t i = d + 1; i < shape.size(); ++i) step *= shape[i];
  double sum = 0.0;
  for (const auto& [at, weight] : by.taps[d][static_cast<std::size_t>(position[d])]) {
    sum += double{weight} * interpolated(by, shape, position, d + 1, x + at * step);
  }
  return sum;
}

Loop interpolate(const Operands& o) {
  const auto constants = graph::constants(o.graph, o.node);
  return [x = o.inputs[0], y = o.output, by = graph::interpolation(o.node, o.inputs[0], constants),
          count = graph::element_count(o.output)](std::span<const float* const> in, float* out) {
    std::vector<std::int64_t> position(y.size());
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t rest = i;
      bool filled = false;
      for (std::size_t d = y.size(); d-- > 0; rest /= y[d]) {
        position[d] = rest % y[d];
        filled = filled || by.taps[d][static_cast<std::size_t>(position[d])].empty();
      }
      out[i] = filled ? by.fill : static_cast<float>(interpolated(by, x, position, 0, in[0]));
    }
  };
}

Loop resize(const Operands& o) { return graph::interpolates(o.node) ? interpolate(o) : select(o); }

}  // namespace

const LoopMakers& selection_loops() {
  static const LoopMakers makers = {{"Slice", select},  {"Pad", select},    {"Resize", resize},
                                    {"Gather", select}, {"Expand", select}, {"Tile", select}};
  return makers;
}

}  // namespace einet::exec
