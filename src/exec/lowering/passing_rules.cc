#include "exec/lowering/lower.h"
#include "graph/selection.h"

namespace einet::exec {
namespace {

// Identity, and Dropout, which has an effect only in training.
void pass(Lowering& to, const graph::Node& node) { to.pass(node, to.source(node, 0)); }

// Flatten and Reshape: the same memory with another shape, if its order allows that.
void reshape(Lowering& to, const graph::Node& node) {
  const Located x = to.source(node, 0);
  const graph::Shape& y = to.shape(node);
  if (auto arrangement = x.arrangement.reshaped(y)) return to.pass(node, {x.value, std::move(*arrangement)});
  const graph::Shape& shape = to.shape(node, 0);
  const int ordered =
      to.ordered(node, 0, row_major_order(shape.size()), {graph::element_count(shape) / shape.back(), shape.back()});
  to.pass(node, {ordered, Arrangement::row_major(y)});
}

// No work until an order is required.
void transpose(Lowering& to, const graph::Node& node) {
  const Located x = to.source(node, 0);
  to.pass(node, {x.value, x.arrangement.transposed(graph::transposition(node, to.shape(node).size()))});
}

}  // namespace

const Rules& passing_rules() {
  static const Rules rules = {
      {"Identity", pass}, {"Dropout", pass}, {"Flatten", reshape}, {"Reshape", reshape}, {"Transpose", transpose}};
  return rules;
}

}  // namespace einet::exec
