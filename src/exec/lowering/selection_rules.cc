#include "einet/graph/selection.h"
#include "lowering/lower.h"

namespace einet::exec {
namespace {

// Slice, Pad, Resize: one copy, from wherever the elements are.
void select(Lowering& to, const graph::Node& node) {
  const graph::Shape &x = to.shape(node, 0), &y = to.shape(node);
  const graph::Selection selection = graph::selection(node, x, to.constants(node));
  const std::size_t axis = usual_axis(y);
  const auto order = innermost(y.size(), axis);
  const int chosen = to.rearranged(node, 0, x, selection.source, selection.fill, order, memory_along(y, axis));
  to.pass(node, {chosen, Arrangement::in_order(y, order)});
}

}  // namespace

const Rules& selection_rules() {
  static const Rules rules = {{"Slice", select}, {"Pad", select}, {"Resize", select}};
  return rules;
}

}  // namespace einet::exec
