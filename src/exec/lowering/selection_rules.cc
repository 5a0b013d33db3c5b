#include <optional>
#include <utility>

#include "exec/lowering/lower.h"
#include "graph/selection.h"

namespace einet::exec {
namespace {

// Every step-th position, starting at a first one.
struct Run {
  std::int64_t start, step;
};

std::optional<Run> run_of(const std::vector<std::int64_t>& positions) {
  const Run run{positions[0], positions.size() > 1 ? positions[1] - positions[0] : 1};
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (positions[i] == graph::Selection::kFilled) return std::nullopt;
    if (positions[i] != run.start + static_cast<std::int64_t>(i) * run.step) return std::nullopt;
  }
  return run;
}

// The part of x's memory that equals the result, if there is one.
std::optional<Arrangement> part_of(const Arrangement& x, const graph::Selection& selection, const graph::Shape& y) {
  if (y.empty()) return std::nullopt;
  std::optional<Arrangement> part = x.reshaped(selection.from);
  for (std::size_t d = 0; d < selection.source.size() && part; ++d) {
    const std::optional<Run> run = run_of(selection.source[d]);
    const auto count = static_cast<std::int64_t>(selection.source[d].size());
    if (!run) return std::nullopt;
    if (run->start != 0 || run->step != 1 || count != selection.from[d]) {
      part = part->selected(d, run->start, run->step, count);
    }
  }
  return part ? part->reshaped(y) : std::nullopt;
}

// If the result is a part of x, no work until an order is required; otherwise one copy of the selected elements.
void select(Lowering& to, const graph::Node& node) {
  const graph::Selection selection = graph::selection(node, to.shape(node, 0), to.constants(node));
  if (!to.is_constant(node, 0)) {
    Located x = to.source(node, 0);
    if (auto part = part_of(x.arrangement, selection, to.shape(node))) {
      return to.pass(node, {x.value, std::move(*part)});
    }
  }
  graph::Shape chosen;
  for (const auto& positions : selection.source) chosen.push_back(static_cast<std::int64_t>(positions.size()));
  const std::size_t axis = usual_axis(chosen);
  const auto order = innermost(chosen.size(), axis);
  const int copy =
      to.rearranged(node, 0, selection.from, selection.source, selection.fill, order, memory_along(chosen, axis));
  to.pass(node, {copy, *Arrangement::in_order(chosen, order).reshaped(to.shape(node))});
}

// Interpolates along one dimension after the other, starting with the outermost in memory.
void interpolate(Lowering& to, const graph::Node& node) {
  graph::Shape shape = to.shape(node, 0);
  const graph::Interpolation by = graph::interpolation(node, shape, to.constants(node));
  const std::size_t axis = usual_axis(shape);
  const auto order = innermost(shape.size(), axis);
  int value = to.ordered(node, 0, order, memory_along(shape, axis));
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (by.keeps(order[i], shape[order[i]])) continue;
    Interpolation one{1, shape[order[i]], 1, by.taps[order[i]], by.fill};
    for (std::size_t k = 0; k < order.size(); ++k) (k < i ? one.outer : one.inner) *= k == i ? 1 : shape[order[k]];
    shape[order[i]] = static_cast<std::int64_t>(by.taps[order[i]].size());
    value = to.append(node.name, std::move(one), {value}, memory_along(shape, axis));
  }
  to.pass(node, {value, Arrangement::in_order(shape, order)});
}

void resize(Lowering& to, const graph::Node& node) {
  graph::interpolates(node) ? interpolate(to, node) : select(to, node);
}

}  // namespace

const Rules& selection_rules() {
  static const Rules rules = {{"Slice", select},  {"Pad", select},    {"Resize", resize},
                              {"Gather", select}, {"Expand", select}, {"Tile", select}};
  return rules;
}

}  // namespace einet::exec
