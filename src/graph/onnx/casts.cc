#include "graph/onnx/casts.h"

#include <onnx/onnx_pb.h>

#include <string_view>
#include <unordered_set>

#include "graph/faults.h"
#include "graph/onnx/element_types.h"
#include "graph/onnx/tensor_proto.h"

namespace einet::graph {
namespace {

using onnx::TensorProto;

int target(const Node& node) { return static_cast<int>(node.attribute("to", std::int64_t{0})); }

std::string zero(Rewriting& to) { return to.add_constant("null", Tensor({}, std::vector<float>{0.0f})); }

void truncate(Rewriting& to, const std::string& x) {
  const std::string bound = zero(to);
  const std::string above = to.add("floor", "Floor", {to.add("above", "Max", {x, bound})});
  const std::string below = to.add("ceil", "Ceil", {to.add("below", "Min", {x, bound})});
  to.add_output(0, "Add", {above, below});
}

}  // namespace

bool is_free_cast(const Node& node, int from, int to) {
  if (from == to || from == TensorProto::BOOL || is_float_type(to)) return true;
  if (to == TensorProto::BOOL) return false;
  if (!is_integer_type(to)) {
    unsupported(node, "casts to the ONNX element type " + std::to_string(to) + ", which is not supported");
  }
  if (!is_integer_type(from)) return false;
  if (is_narrow_type(to)) unsupported(node, "casts integers to narrower ones, which wrap around");
  return true;
}

void rewrite_cast(Rewriting& to) {
  const std::string& x = to.node().inputs.front();
  if (target(to.node()) != TensorProto::BOOL) return truncate(to, x);
  to.add_output(0, "Not", {to.add("is_null", "Equal", {x, zero(to)})});
}

void rewrite_integer_division(Rewriting& to) { truncate(to, to.add("quotient", "Div", to.node().inputs)); }

void refuse_wrapping(const Node& node, int type) {
  static const std::unordered_set<std::string_view> kWrapping = {"Add", "Sub", "Mul", "Div", "Neg", "Pow"};
  if (is_narrow_type(type) && kWrapping.contains(node.op)) {
    unsupported(node, "computes in integers of 8 or 16 bits; cast to float first");
  }
}

}  // namespace einet::graph
