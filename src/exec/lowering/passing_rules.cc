#include "lowering/lower.h"

namespace einet::exec {
namespace {

// Identity, and Dropout, which only training obeys.
void pass(Lowering& to, const graph::Node& node) { to.pass(node, to.value(node, 0, false)); }

// Flatten and Reshape, as far as they only join all dimensions after the first or add dimensions of size 1.
void reshape(Lowering& to, const graph::Node& node) {
  const graph::Shape& result = to.shape(node.outputs.front());
  const int unordered = to.value(node, 0, false);
  if (to.describe(unordered).shape == result) return to.pass(node, unordered);
  const int x = to.value(node, 0);
  const graph::Shape& shape = to.describe(x).shape;
  const bool joins = shape.size() == 4 && result.size() == 2 && result[0] == shape[0];
  const bool spreads = shape.size() == 2 && result.size() == 4 && result[0] == shape[0] && result[1] == shape[1];
  if (!joins && !spreads) {
    Lowering::unsupported(node, "cannot make " + graph::to_string(result) + " of " + graph::to_string(shape));
  }
  to.reshape(node, x);
}

}  // namespace

const Rules& passing_rules() {
  static const Rules rules = {{"Identity", pass}, {"Dropout", pass}, {"Flatten", reshape}, {"Reshape", reshape}};
  return rules;
}

}  // namespace einet::exec
