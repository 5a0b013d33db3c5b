#include "graph/quantization/quantize.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "graph/cost.h"
#include "graph/onnx/fold.h"
#include "graph/onnx/unique_name.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

constexpr std::int64_t kLeastMacs = 10'000;

bool has(const Node& node, std::size_t i) { return i < node.inputs.size() && !node.inputs[i].empty(); }

// The dimension of the weights that counts outputs; -1 = the layer cannot be quantised.
std::int64_t output_axis(const Graph& graph, const Node& node) {
  if ((node.op != "Conv" && node.op != "Gemm" && node.op != "MatMul") || node.inputs.size() < 2) return -1;
  const Tensor* weights = graph.constant(node.inputs[1]);
  if (weights == nullptr || !weights->is_float() || graph.constant(node.inputs[0]) != nullptr) return -1;
  if (has(node, 2)) {
    const Tensor* bias = graph.constant(node.inputs[2]);
    if (bias == nullptr || !bias->is_float() || bias->shape.size() != 1) return -1;
  }
  if (node.op == "Conv") {
    const bool single = weights->shape[1] == 1 && node.attribute("group", std::int64_t{1}) == 1;
    return single ? -1 : 0;
  }
  if (weights->shape.size() != 2) return -1;
  if (node.op == "MatMul") return 1;
  const bool plain = node.attribute("transA", std::int64_t{0}) == 0 && node.attribute("alpha", 1.0f) == 1.0f &&
                     node.attribute("beta", 1.0f) == 1.0f;
  return !plain ? -1 : node.attribute("transB", std::int64_t{0}) != 0 ? 0 : 1;
}

bool keeps_order(const Node& node) { return node.op == "MaxPool" || node.op == "Dropout" || node.op == "Identity"; }

class Quantizing {
 public:
  Quantizing(const Graph& graph, const std::map<std::string, Grid>& grids)
      : graph_(graph), grids_(grids), produced_by_(producers(graph)) {
    for (const Input& input : graph.inputs) values_.insert(input.name);
    for (const auto& [name, tensor] : graph.initializers) values_.insert(name);
    for (const auto& [name, node] : produced_by_) values_.insert(name);
    for (const Node& node : graph.nodes) names_.insert(node.name);
  }

  Graph run(const std::vector<QuantizableLayer>& layers) && {
    for (const QuantizableLayer& layer : layers) quantized_[layer.node] = layer.source;
    for (const QuantizableLayer& layer : layers) {
      if (!rounded_.contains(layer.source)) {
        rounded_[layer.source] = unique_name(layer.source + ".quantized", values_);
      }
      mark(layer);
    }
    for (Node& node : graph_.nodes) {
      if (quantized_.contains(node.name)) quantize_weights(node);
      for (std::string& input : node.inputs) {
        const bool add = node.op == "Add" && rounded_.contains(input);
        if (add || redirected_.contains({node.name, input})) input = rounded_.at(input);
      }
    }
    insert();
    remove_unread_initializers(graph_);
    return std::move(graph_);
  }

 private:
  // Everything between the source and the layer reads the rounded value.
  void mark(const QuantizableLayer& layer) {
    const Node* reader = find(layer.node);
    std::string value = reader->inputs.front();
    while (value != layer.source) {
      reader = &graph_.nodes[static_cast<std::size_t>(produced_by_.at(value))];
      value = reader->inputs.front();
    }
    redirected_.insert({reader->name, value});
  }

  const Node* find(const std::string& name) const { return &*std::ranges::find(graph_.nodes, name, &Node::name); }

  void insert() {
    std::vector<Node> nodes;
    const auto add = [&](const std::string& value) {
      const auto found = rounded_.find(value);
      if (found == rounded_.end()) return;
      nodes.push_back(fake_quantize(found->second, value, grids_.at(value)));
      nodes.back().name = unique_name(found->second, names_);
    };
    for (const Input& input : graph_.inputs) add(input.name);
    for (Node& node : graph_.nodes) {
      const std::vector<std::string> outputs = node.outputs;
      nodes.push_back(std::move(node));
      for (const std::string& output : outputs) add(output);
    }
    graph_.nodes = std::move(nodes);
  }

  void quantize_weights(Node& node) {
    const std::int64_t axis = output_axis(graph_, node);
    Tensor weights = *graph_.constant(node.inputs[1]);
    const auto outputs = static_cast<std::size_t>(weights.shape[static_cast<std::size_t>(axis)]);
    std::size_t inner = 1;
    for (auto d = static_cast<std::size_t>(axis) + 1; d < weights.shape.size(); ++d) {
      inner *= static_cast<std::size_t>(weights.shape[d]);
    }
    std::vector<float> scales(outputs, 0.0f);
    std::vector<float>& values = weights.floats();
    const auto scale = [&](std::size_t i) -> float& { return scales[i / inner % outputs]; };
    for (std::size_t i = 0; i < values.size(); ++i) scale(i) = std::max(scale(i), std::abs(values[i]));
    for (float& s : scales) s = s > 0.0f ? s / 127.0f : 1.0f;
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = std::clamp(std::nearbyint(values[i] / scale(i)), -127.0f, 127.0f) * scale(i);
    }
    if (has(node, 2)) quantize_bias(node, scales);
    node.inputs[1] = add(node.inputs[1], std::move(weights), {scales, axis, 8});
  }

  void quantize_bias(Node& node, std::vector<float> scales) {
    Tensor bias = *graph_.constant(node.inputs[2]);
    const float input = grids_.at(quantized_.at(node.name)).scale;
    if (bias.floats().size() != scales.size()) return;
    for (std::size_t m = 0; m < scales.size(); ++m) {
      scales[m] *= input;
      constexpr float kLargest = 1 << 24;
      const float whole = std::nearbyint(bias.floats()[m] / scales[m]);
      if (!(std::abs(whole) <= kLargest)) return;  // Stays in floats.
    }
    for (std::size_t m = 0; m < scales.size(); ++m) {
      bias.floats()[m] = std::nearbyint(bias.floats()[m] / scales[m]) * scales[m];
    }
    node.inputs[2] = add(node.inputs[2], std::move(bias), {std::move(scales), 0, 32});
  }

  // Other layers may read the constant of this name.
  std::string add(const std::string& old, Tensor tensor, QuantizedConstant by) {
    std::string name = unique_name(old + ".int" + std::to_string(by.bits), values_);
    graph_.initializers.emplace(name, std::move(tensor));
    graph_.quantized.emplace(name, std::move(by));
    return name;
  }

  Graph graph_;
  const std::map<std::string, Grid>& grids_;
  std::unordered_map<std::string, int> produced_by_;
  std::unordered_set<std::string> values_, names_;
  std::map<std::string, std::string> quantized_;  ///< Layers -> their sources.
  std::map<std::string, std::string> rounded_;    ///< A source -> its rounded value.
  std::set<std::pair<std::string, std::string>> redirected_;
};

}  // namespace

std::vector<QuantizableLayer> quantizable_layers(const Graph& graph) {
  const Shapes shapes = infer_shapes(graph, 1);
  const auto produced_by = producers(graph);
  std::vector<QuantizableLayer> layers;
  for (const Node& node : graph.nodes) {
    if (output_axis(graph, node) < 0 || macs(node, shapes) < kLeastMacs) continue;
    std::string source = node.inputs.front();
    for (auto at = produced_by.find(source); at != produced_by.end(); at = produced_by.find(source)) {
      const Node& producer = graph.nodes[static_cast<std::size_t>(at->second)];
      if (!keeps_order(producer)) break;
      source = producer.inputs.front();
    }
    layers.push_back({node.name, std::move(source), macs(node, shapes)});
  }
  return layers;
}

bool is_quantized(const Graph& graph) {
  const auto rounds = [](const Node& node) { return node.op == "FakeQuantize"; };
  return !graph.quantized.empty() || std::ranges::any_of(graph.nodes, rounds);
}

Graph quantize(const Graph& graph, const std::vector<QuantizableLayer>& layers,
               const std::map<std::string, Grid>& grids) {
  return Quantizing(graph, grids).run(layers);
}

}  // namespace einet::graph
