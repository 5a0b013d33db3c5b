// Convolutions and pooling have channels first, products with a weight matrix and layer normalisation have channels
// last. Transpose changes between the two; all other operators keep the order of their input.

#include "graph/insertion/channels.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "graph/selection.h"

namespace einet::graph {
namespace {

enum class Channels { kFirst, kLast };

bool is_first(const std::string& op) {
  constexpr std::array<std::string_view, 10> kOps = {
      "Conv",          "ConvTranspose",      "MaxPool", "AveragePool",           "GlobalAveragePool",
      "GlobalMaxPool", "BatchNormalization", "LRN",     "InstanceNormalization", "GroupNormalization"};
  return std::ranges::find(kOps, op) != kOps.end();
}

bool is_last(const std::string& op) { return op == "MatMul" || op == "Gemm" || op == "LayerNormalization"; }

/// Where channels are after a Transpose. If neither first nor last, they are a part of the channels, as in a shuffle.
Channels transposed(const Node& node, std::size_t rank, Channels before) {
  const std::vector<std::size_t> source = transposition(node, rank);
  const std::size_t channels = before == Channels::kFirst ? 1 : rank - 1;
  if (source[1] == channels) return Channels::kFirst;
  return source.back() == channels ? Channels::kLast : before;
}

}  // namespace

std::unordered_map<std::string, std::size_t> channel_dimensions(const Graph& graph, const Shapes& shapes) {
  std::unordered_map<std::string, Channels> found;
  std::unordered_map<std::string, std::size_t> dimensions;
  const auto note = [&](const std::string& value, Channels channels) {
    found[value] = channels;
    const std::size_t rank = shapes.at(value).size();
    if (rank >= 3) dimensions[value] = channels == Channels::kFirst ? 1 : rank - 1;
  };
  for (const Input& input : graph.inputs) {
    const Shape& shape = input.shape;
    note(input.name, shape.size() == 4 && shape[3] < shape[1] ? Channels::kLast : Channels::kFirst);
  }
  for (const Node& node : graph.nodes) {
    const auto read = std::ranges::find_if(node.inputs, [&](const auto& value) { return found.contains(value); });
    if (read == node.inputs.end()) continue;
    Channels channels = found.at(*read);
    const std::size_t rank = shapes.at(*read).size();
    if (is_first(node.op)) channels = Channels::kFirst;
    if (is_last(node.op)) channels = Channels::kLast;
    if (node.op == "Transpose" && rank >= 3) channels = transposed(node, rank, channels);
    note(node.outputs.front(), channels);
  }
  return dimensions;
}

}  // namespace einet::graph
