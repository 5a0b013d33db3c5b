#include "graph/onnx/quantized_pairs.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace einet::graph {
namespace {

using onnx::TensorProto;

class Pairing {
 public:
  Pairing(Graph& graph, const ElementTypes& types) : graph_(graph), types_(types) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      for (const std::string& input : graph.nodes[i].inputs) readers_[input].push_back(i);
    }
    outputs_.insert(graph.outputs.begin(), graph.outputs.end());
  }

  void run() {
    std::vector<char> gone(graph_.nodes.size(), 0);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const Node& node = graph_.nodes[i];
      if (node.op == "DequantizeLinear") note_constant(node);
      if (node.op == "QuantizeLinear") pair(i, gone);
    }
    std::size_t i = 0;
    std::erase_if(graph_.nodes, [&](const Node&) { return gone[i++] != 0; });
  }

 private:
  const Tensor* constant(const Node& node, std::size_t i) const {
    return i < node.inputs.size() && !node.inputs[i].empty() ? graph_.constant(node.inputs[i]) : nullptr;
  }
  static bool has(const Node& node, std::size_t i) { return i < node.inputs.size() && !node.inputs[i].empty(); }

  int type_of(const std::string& value) const {
    const auto found = types_.find(value);
    return found == types_.end() ? int{TensorProto::UNDEFINED} : found->second;
  }

  // The scale and zero point of a node if they are single constants; the zero point of floats (float8) is none.
  std::optional<std::pair<float, std::int64_t>> parameters(const Node& node) const {
    const Tensor* scale = constant(node, 1);
    const Tensor* zero = constant(node, 2);
    if (node.attribute("block_size", std::int64_t{0}) != 0 || node.outputs.size() != 1) return std::nullopt;
    if (scale == nullptr || !scale->is_float() || scale->floats().size() != 1) return std::nullopt;
    if (has(node, 2) && (zero == nullptr || zero->is_float() || zero->ints().size() != 1)) return std::nullopt;
    const float step = scale->floats().front();
    if (!(step > 0.0f) || std::isinf(step)) return std::nullopt;
    return std::pair{step, zero == nullptr ? 0 : zero->ints().front()};
  }

  static std::optional<Grid> grid(std::int64_t type) {
    switch (type) {
      case TensorProto::UINT8:
        return Grid{.low = 0, .high = 255};
      case TensorProto::INT8:
        return Grid{.low = -128, .high = 127};
      case TensorProto::UINT16:
        return Grid{.low = 0, .high = 65535};
      case TensorProto::INT16:
        return Grid{.low = -32768, .high = 32767};
      default:
        return std::nullopt;
    }
  }

  void pair(std::size_t i, std::vector<char>& gone) {
    Node& node = graph_.nodes[i];
    const auto by = parameters(node);
    std::optional<Grid> made = grid(node.attribute("output_dtype", std::int64_t{TensorProto::UINT8}));
    if (!by || !made || constant(node, 0) != nullptr || outputs_.contains(node.outputs.front())) return;
    const auto& readers = readers_[node.outputs.front()];
    const bool alike = std::ranges::all_of(readers, [&](std::size_t reader) {
      const Node& back = graph_.nodes[reader];
      return back.op == "DequantizeLinear" && back.inputs.front() == node.outputs.front() && parameters(back) == by;
    });
    if (readers.empty() || !alike) return;
    made->scale = by->first;
    made->zero = static_cast<std::int32_t>(by->second);
    const Node first = graph_.nodes[readers.front()];
    node = fake_quantize(first.name, node.inputs.front(), *made);
    node.outputs = first.outputs;
    gone[readers.front()] = 1;
    for (std::size_t r = 1; r < readers.size(); ++r) {
      Node& copy = graph_.nodes[readers[r]];
      copy = {"Identity", copy.name, first.outputs, copy.outputs, {}};
    }
  }

  void note_constant(const Node& node) {
    const Tensor* value = constant(node, 0);
    const Tensor* scale = constant(node, 1);
    const Tensor* zero = constant(node, 2);
    if (value == nullptr || scale == nullptr || !scale->is_float() || node.outputs.size() != 1) return;
    if (node.attribute("block_size", std::int64_t{0}) != 0 || (has(node, 2) && zero == nullptr)) return;
    const int type = type_of(node.inputs.front());
    if (type != TensorProto::INT8 && type != TensorProto::INT32) return;
    const auto is_zero = [](std::int64_t q) { return q == 0; };
    if (zero != nullptr && (zero->is_float() || !std::ranges::all_of(zero->ints(), is_zero))) return;
    const auto is_positive = [](float step) { return step > 0.0f; };
    if (!std::ranges::all_of(scale->floats(), is_positive)) return;
    const auto rank = static_cast<std::int64_t>(value->shape.size());
    std::int64_t axis = node.attribute("axis", std::int64_t{1});
    if (axis < 0) axis += rank;
    if (scale->floats().size() == 1) axis = 0;
    graph_.quantized[node.outputs.front()] = {scale->floats(), axis, type == TensorProto::INT8 ? 8 : 32};
  }

  Graph& graph_;
  const ElementTypes& types_;
  std::unordered_map<std::string, std::vector<std::size_t>> readers_;
  std::unordered_set<std::string> outputs_;
};

}  // namespace

void pair_quantization(Graph& graph, const ElementTypes& types) { Pairing(graph, types).run(); }

}  // namespace einet::graph
