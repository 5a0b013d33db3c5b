#include "einet/graph/selection.h"
#include "lowering/lower.h"

namespace einet::exec {
namespace {

bool is_identity(const std::vector<graph::Interpolation::Taps>& taps, std::int64_t inputs) {
  if (static_cast<std::int64_t>(taps.size()) != inputs) return false;
  for (std::size_t i = 0; i < taps.size(); ++i) {
    if (taps[i] != graph::Interpolation::Taps{{static_cast<std::int64_t>(i), 1.0f}}) return false;
  }
  return true;
}

// Slice, Pad, Resize (nearest): one copy, from wherever the elements are.
void select(Lowering& to, const graph::Node& node) {
  const graph::Shape &x = to.shape(node, 0), &y = to.shape(node);
  const graph::Selection selection = graph::selection(node, x, to.constants(node));
  const std::size_t axis = usual_axis(y);
  const auto order = innermost(y.size(), axis);
  const int chosen = to.rearranged(node, 0, x, selection.source, selection.fill, order, memory_along(y, axis));
  to.pass(node, {chosen, Arrangement::in_order(y, order)});
}

// One dimension after the other, the outermost in memory first.
void interpolate(Lowering& to, const graph::Node& node) {
  graph::Shape shape = to.shape(node, 0);
  graph::Interpolation by = graph::interpolation(node, shape, to.constants(node));
  const std::size_t axis = usual_axis(shape);
  const auto order = innermost(shape.size(), axis);
  int value = to.ordered(node, 0, order, memory_along(shape, axis));
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::vector<graph::Interpolation::Taps>& taps = by.taps[order[i]];
    if (is_identity(taps, shape[order[i]])) continue;
    Interpolation one{1, shape[order[i]], 1, std::move(taps), by.fill};
    for (std::size_t k = 0; k < order.size(); ++k) (k < i ? one.outer : one.inner) *= k == i ? 1 : shape[order[k]];
    shape[order[i]] = static_cast<std::int64_t>(one.taps.size());
    value = to.append(node.name, std::move(one), {value}, memory_along(shape, axis));
  }
  to.pass(node, {value, Arrangement::in_order(shape, order)});
}

void resize(Lowering& to, const graph::Node& node) {
  graph::interpolates(node) ? interpolate(to, node) : select(to, node);
}

}  // namespace

const Rules& selection_rules() {
  static const Rules rules = {{"Slice", select}, {"Pad", select}, {"Resize", resize}};
  return rules;
}

}  // namespace einet::exec
