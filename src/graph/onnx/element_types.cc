#include "graph/onnx/element_types.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

namespace einet::graph {
namespace {

using onnx::TensorProto;

class Types {
 public:
  explicit Types(const onnx::GraphProto& graph) {
    for (const auto& input : graph.input()) types_[input.name()] = input.type().tensor_type().elem_type();
    add(graph);
  }
  ElementTypes take() && { return std::move(types_); }

 private:
  int of(const onnx::NodeProto& node, int i) const {
    const auto found = i < node.input_size() ? types_.find(node.input(i)) : types_.end();
    return found == types_.end() ? TensorProto::UNDEFINED : found->second;
  }

  static const onnx::AttributeProto* attribute(const onnx::NodeProto& node, std::string_view key) {
    for (const auto& attribute : node.attribute()) {
      if (attribute.name() == key) return &attribute;
    }
    return nullptr;
  }

  static int integer(const onnx::NodeProto& node, std::string_view key, int otherwise) {
    const auto* found = attribute(node, key);
    return found == nullptr || found->i() == 0 ? otherwise : static_cast<int>(found->i());
  }

  static int of_constant(const onnx::NodeProto& node) {
    if (const auto* value = attribute(node, "value")) return value->t().data_type();
    const bool whole = attribute(node, "value_int") != nullptr || attribute(node, "value_ints") != nullptr;
    return whole ? TensorProto::INT64 : TensorProto::FLOAT;
  }

  int of_result(const onnx::NodeProto& node) const {
    static const std::unordered_set<std::string_view> kTruths = {
        "And", "Equal", "Greater", "GreaterOrEqual", "IsInf", "IsNaN", "Less", "LessOrEqual", "Not", "Or", "Xor"};
    static const std::unordered_set<std::string_view> kIndices = {"ArgMax", "ArgMin", "NonZero", "Shape", "Size"};
    const std::string& op = node.op_type();
    if (kTruths.contains(op)) return TensorProto::BOOL;
    if (kIndices.contains(op)) return TensorProto::INT64;
    if (op == "Constant") return of_constant(node);
    if (op == "ConstantOfShape") {
      return attribute(node, "value") == nullptr ? int{TensorProto::FLOAT} : of_constant(node);
    }
    if (op == "Cast") return integer(node, "to", TensorProto::UNDEFINED);
    if (op == "Where" || op == "CastLike") return of(node, 1);
    if (op == "DequantizeLinear") return TensorProto::FLOAT;
    if (op == "ConvInteger" || op == "MatMulInteger") return TensorProto::INT32;
    if (op == "DynamicQuantizeLinear") return TensorProto::UINT8;
    if (op == "QuantizeLinear") {
      return integer(node, "output_dtype", node.input_size() > 2 ? of(node, 2) : int{TensorProto::UINT8});
    }
    if (op == "QLinearConv" || op == "QLinearMatMul") return of(node, 7);
    return of(node, 0);
  }

  void add(const onnx::GraphProto& graph) {
    for (const auto& tensor : graph.initializer()) types_[tensor.name()] = tensor.data_type();
    for (const onnx::NodeProto& node : graph.node()) add(node);
  }

  // Both branches produce values of the same types.
  void add_branches(const onnx::NodeProto& node) {
    for (const auto& attribute : node.attribute()) {
      if (attribute.type() != onnx::AttributeProto::GRAPH) continue;
      add(attribute.g());
      for (int i = 0; i < node.output_size() && i < attribute.g().output_size(); ++i) {
        const auto found = types_.find(attribute.g().output(i).name());
        if (found != types_.end()) types_[node.output(i)] = found->second;
      }
    }
  }

  void add(const onnx::NodeProto& node) {
    if (node.op_type() == "If") return add_branches(node);
    const int type = of_result(node);
    for (const std::string& output : node.output()) types_[output] = type;
    if (node.op_type() == "DynamicQuantizeLinear" && node.output_size() > 1)
      types_[node.output(1)] = TensorProto::FLOAT;
  }

  ElementTypes types_;
};

}  // namespace

ElementTypes element_types(const onnx::GraphProto& graph) {
  ElementTypes types = Types(graph).take();
  std::erase_if(types, [](const auto& entry) { return entry.second == TensorProto::UNDEFINED; });
  return types;
}

bool is_narrow_type(int data_type) {
  return data_type == TensorProto::INT8 || data_type == TensorProto::UINT8 || data_type == TensorProto::INT16 ||
         data_type == TensorProto::UINT16;
}

bool is_integer_type(int data_type) {
  return is_narrow_type(data_type) || data_type == TensorProto::INT32 || data_type == TensorProto::INT64 ||
         data_type == TensorProto::UINT32 || data_type == TensorProto::UINT64;
}

}  // namespace einet::graph
