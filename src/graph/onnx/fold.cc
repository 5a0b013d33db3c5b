#include "onnx/fold.h"

#include <cmath>
#include <unordered_set>

#include "einet/core/error.h"
#include "einet/core/half.h"
#include "onnx/tensor_proto.h"

namespace einet::graph {
namespace {

using onnx::TensorProto;

Tensor constant_value(const Node& node) {
  if (node.attributes.size() == 1) {
    const auto& [key, value] = *node.attributes.begin();
    if (const auto* tensor = std::get_if<Tensor>(&value); tensor && key == "value") return *tensor;
    if (const auto* number = std::get_if<float>(&value); number && key == "value_float") {
      return Tensor({}, std::vector<float>{*number});
    }
    if (const auto* number = std::get_if<std::int64_t>(&value); number && key == "value_int") {
      return Tensor({}, std::vector<std::int64_t>{*number});
    }
    if (const auto* list = std::get_if<std::vector<float>>(&value); list && key == "value_floats") {
      return Tensor({static_cast<std::int64_t>(list->size())}, *list);
    }
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value); list && key == "value_ints") {
      return Tensor({static_cast<std::int64_t>(list->size())}, *list);
    }
  }
  throw Error(ErrorKind::kUnsupported, describe(node), "its value is of a kind that is not supported");
}

std::vector<float> to_floats(const Tensor& tensor) {
  if (tensor.is_float()) return tensor.floats();
  return std::vector<float>(tensor.ints().begin(), tensor.ints().end());
}

std::vector<std::int64_t> to_ints(const Node& node, const Tensor& tensor) {
  if (!tensor.is_float()) return tensor.ints();
  std::vector<std::int64_t> values;
  for (const float value : tensor.floats()) {
    if (!(std::fabs(value) < 0x1p62f)) throw Error(ErrorKind::kInvalidData, describe(node), "casts an infinite value");
    values.push_back(static_cast<std::int64_t>(value));
  }
  return values;
}

Tensor cast(const Node& node, const Tensor& tensor) {
  switch (node.attribute("to", std::int64_t{0})) {
    case TensorProto::FLOAT:
    case TensorProto::DOUBLE:
    case TensorProto::BFLOAT16:
      return Tensor(tensor.shape, to_floats(tensor));
    case TensorProto::FLOAT16: {
      std::vector<float> values = to_floats(tensor);
      for (float& value : values) value = half_to_float(float_to_half(value));
      return Tensor(tensor.shape, std::move(values));
    }
    case TensorProto::INT64:
    case TensorProto::INT32:
      return Tensor(tensor.shape, to_ints(node, tensor));
    default:
      throw Error(ErrorKind::kUnsupported, describe(node), "casts to a type that is not supported");
  }
}

bool passes_floats_through(const Node& node) {
  return node.op == "Cast" && is_float_type(static_cast<int>(node.attribute("to", std::int64_t{0})));
}

void remove_unread_initializers(Graph& graph) {
  std::unordered_set<std::string_view> read;
  for (const Node& node : graph.nodes) read.insert(node.inputs.begin(), node.inputs.end());
  std::erase_if(graph.initializers, [&](const auto& entry) { return !read.contains(entry.first); });
}

}  // namespace

void fold_constants(Graph& graph) {
  std::unordered_map<std::string, std::string> alias;  // Output of a dropped cast -> what it cast.
  const std::unordered_set<std::string> outputs(graph.outputs.begin(), graph.outputs.end());
  std::vector<Node> kept;
  for (Node& node : graph.nodes) {
    for (std::string& value : node.inputs) {
      if (const auto found = alias.find(value); found != alias.end()) value = found->second;
    }
    const bool foldable =
        node.outputs.size() == 1 && (node.op == "Constant" || node.op == "Cast" || node.op == "Identity");
    const Tensor* input = foldable && node.inputs.size() == 1 ? graph.constant(node.inputs.front()) : nullptr;
    if (foldable && (node.op == "Constant" || input != nullptr)) {
      Tensor value = node.op == "Constant" ? constant_value(node) : node.op == "Cast" ? cast(node, *input) : *input;
      if (!graph.initializers.emplace(node.outputs.front(), std::move(value)).second) {
        throw Error(ErrorKind::kInvalidData, describe(node),
                    "produces '" + node.outputs.front() + "', which exists already");
      }
    } else if (foldable && node.inputs.size() == 1 && passes_floats_through(node)) {
      if (outputs.contains(node.outputs.front())) {  // The output keeps its name.
        node.op = "Identity";
        node.attributes.clear();
        kept.push_back(std::move(node));
      } else {
        alias[node.outputs.front()] = node.inputs.front();
      }
    } else {
      kept.push_back(std::move(node));
    }
  }
  graph.nodes = std::move(kept);
  remove_unread_initializers(graph);
}

}  // namespace einet::graph
