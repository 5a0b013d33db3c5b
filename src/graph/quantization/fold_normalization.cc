#include "graph/quantization/fold_normalization.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>
#include <vector>

#include "graph/onnx/fold.h"
#include "graph/onnx/unique_name.h"

namespace einet::graph {
namespace {

class Folding {
 public:
  explicit Folding(Graph graph) : graph_(std::move(graph)), produced_by_(producers(graph_)) {
    for (const Node& node : graph_.nodes) {
      for (const std::string& input : node.inputs) ++readers_[input];
    }
    for (const std::string& output : graph_.outputs) ++readers_[output];
    for (const auto& [name, tensor] : graph_.initializers) names_.insert(name);
    for (const auto& [name, node] : produced_by_) names_.insert(name);
  }

  Graph run() && {
    std::vector<char> gone(graph_.nodes.size(), 0);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      if (graph_.nodes[i].op == "BatchNormalization") gone[i] = fold(graph_.nodes[i]) ? 1 : 0;
    }
    std::size_t i = 0;
    std::erase_if(graph_.nodes, [&](const Node&) { return gone[i++] != 0; });
    remove_unread_initializers(graph_);
    return std::move(graph_);
  }

 private:
  const Tensor* floats(const std::string& value) const {
    const Tensor* tensor = graph_.constant(value);
    return tensor != nullptr && tensor->is_float() ? tensor : nullptr;
  }

  bool fold(const Node& normalization) {
    const std::string& x = normalization.inputs[0];
    const auto producer = produced_by_.find(x);
    if (producer == produced_by_.end() || readers_[x] != 1) return false;
    Node& conv = graph_.nodes[static_cast<std::size_t>(producer->second)];
    const Tensor* weights = conv.op == "Conv" ? floats(conv.inputs[1]) : nullptr;
    const bool biased = conv.inputs.size() > 2 && !conv.inputs[2].empty();
    if (weights == nullptr || (biased && floats(conv.inputs[2]) == nullptr)) return false;
    for (std::size_t i = 1; i < 5; ++i) {
      if (floats(normalization.inputs[i]) == nullptr) return false;
    }
    const auto parameter = [&](std::size_t i) -> const std::vector<float>& {
      return floats(normalization.inputs[i])->floats();
    };
    const double epsilon = normalization.attribute("epsilon", 1e-5f);
    Tensor scaled = *weights;
    const auto channels = static_cast<std::size_t>(scaled.shape[0]);
    const std::size_t row = scaled.floats().size() / channels;
    std::vector<float> bias(channels);
    for (std::size_t m = 0; m < channels; ++m) {
      const double factor = parameter(1)[m] / std::sqrt(parameter(4)[m] + epsilon);
      const double given = biased ? floats(conv.inputs[2])->floats()[m] : 0.0;
      bias[m] = static_cast<float>((given - parameter(3)[m]) * factor + parameter(2)[m]);
      for (std::size_t k = 0; k < row; ++k) {
        float& weight = scaled.floats()[m * row + k];
        weight = static_cast<float>(weight * factor);
      }
    }
    conv.inputs.resize(3);
    conv.inputs[1] = add(conv.name + ".weight", std::move(scaled));
    conv.inputs[2] = add(conv.name + ".bias", Tensor({static_cast<std::int64_t>(channels)}, std::move(bias)));
    conv.outputs = normalization.outputs;
    produced_by_[conv.outputs.front()] = producer->second;
    return true;
  }

  std::string add(const std::string& wanted, Tensor tensor) {
    std::string name = unique_name(wanted, names_, ".folded");
    graph_.initializers.emplace(name, std::move(tensor));
    return name;
  }

  Graph graph_;
  std::unordered_map<std::string, int> produced_by_;
  std::unordered_map<std::string, int> readers_;
  std::unordered_set<std::string> names_;
};

}  // namespace

Graph with_folded_normalization(Graph graph) { return Folding(std::move(graph)).run(); }

}  // namespace einet::graph
