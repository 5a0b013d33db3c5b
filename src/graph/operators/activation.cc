#include "graph/operators/broadcast.h"
#include "graph/operators/operator.h"

namespace einet::graph {
namespace {

Shape same(const Application& at) { return at.shape(0); }

// Bounds and ratios must be known when the graph is compiled.
void check_scalar(const Application& at, std::size_t i) {
  if (!at.has(i)) return;
  const Tensor* value = at.constant(i);
  if (value == nullptr) at.unsupported("'" + at.node.inputs[i] + "' is not a constant");
  if (!value->is_float() || value->floats().size() != 1)
    at.invalid("'" + at.node.inputs[i] + "' is not a float scalar");
}

// X, optional min, max -> X's shape
Shape clip(const Application& at) {
  check_scalar(at, 1);
  check_scalar(at, 2);
  return at.shape(0);
}

// X, optional ratio -> X's shape. A third input (training mode) is ignored; the trainer determines the mode.
Shape dropout(const Application& at) {
  check_scalar(at, 1);
  return at.shape(0);
}

Shape gelu(const Application& at) {
  const std::string form = at.node.attribute("approximate", "none");
  if (form != "none" && form != "tanh") at.invalid("has an unknown approximation '" + form + "'");
  return at.shape(0);
}

// X, slope broadcast to X -> X's shape
Shape prelu(const Application& at) {
  if (broadcast(at.shape(1), at.shape(0)) != at.shape(0)) {
    at.invalid("a slope of shape " + to_string(at.shape(1)) + " does not match " + to_string(at.shape(0)));
  }
  return at.shape(0);
}

// X -> X's shape
Shape fake_quantize(const Application& at) {
  grid_of(at.node);  // Throws.
  return at.shape(0);
}

}  // namespace

const Operators& activation_operators() {
  static const Operators operators = {
      {"Relu", 1, 1, {}, same},
      {"LeakyRelu", 1, 1, {"alpha"}, same},
      {"PRelu", 2, 2, {}, prelu},
      {"Elu", 1, 1, {"alpha"}, same},
      {"HardSigmoid", 1, 1, {"alpha", "beta"}, same},
      {"HardSwish", 1, 1, {}, same},
      {"Swish", 1, 1, {"alpha"}, same},
      {"Clip", 1, 3, {}, clip},
      {"Sigmoid", 1, 1, {}, same},
      {"Tanh", 1, 1, {}, same},
      {"Erf", 1, 1, {}, same},
      {"Exp", 1, 1, {}, same},
      {"Log", 1, 1, {}, same},
      {"Sqrt", 1, 1, {}, same},
      {"Abs", 1, 1, {}, same},
      {"Neg", 1, 1, {}, same},
      {"Reciprocal", 1, 1, {}, same},
      {"Softplus", 1, 1, {}, same},
      {"Mish", 1, 1, {}, same},
      {"Gelu", 1, 1, {"approximate"}, gelu},
      {"Floor", 1, 1, {}, same},
      {"Ceil", 1, 1, {}, same},
      {"Round", 1, 1, {}, same},
      {"Sign", 1, 1, {}, same},
      {"Sin", 1, 1, {}, same},
      {"Cos", 1, 1, {}, same},
      {"Not", 1, 1, {}, same},
      {"FakeQuantize", 1, 1, {"scale", "zero_point", "low", "high"}, fake_quantize},
      {"Identity", 1, 1, {}, same},
      {"Dropout", 1, 2, {"seed"}, dropout},
  };
  return operators;
}

}  // namespace einet::graph
