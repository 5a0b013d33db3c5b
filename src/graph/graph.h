#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "einet/preprocessing.h"
#include "graph/quantized.h"
#include "graph/tensor.h"

namespace einet::graph {

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>, Tensor>;

/// One application of a standard ONNX operator (default domain). Values are named by strings, as in ONNX;
/// an empty input name is an absent optional input.
struct Node {
  std::string op;    ///< "Conv", "BatchNormalization", …
  std::string name;  ///< Unique in its graph; for messages.
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::map<std::string, Attribute> attributes;

  /// The attribute's value, or `otherwise` if it is absent. Throws kInvalidData (naming the node) if it has another
  /// type.
  std::int64_t attribute(std::string_view key, std::int64_t otherwise) const;
  float attribute(std::string_view key, float otherwise) const;
  std::string attribute(std::string_view key, const char* otherwise) const;
  std::vector<std::int64_t> attribute(std::string_view key, std::vector<std::int64_t> otherwise) const;
};

/// "node 'features.0' (Conv)", for error messages.
std::string describe(const Node& node);

/// A graph input. Shape [N,...] where N may be -1 (the batch size, chosen when the graph is compiled).
struct Input {
  std::string name;
  Shape shape;
  /// Whether files declare it as uint8: its values are pixels from 0 to 255, but still floats here.
  bool bytes = false;
};

enum class Head;  // graph/head.h

/// The only representation of a network: the zoo builds it, ONNX files load into it, the trainer interprets it, the
/// executors compile it.
///
/// Invariants, checked by validate(): nodes are in topological order; every value has one producer (an input, an
/// initializer or a node); outputs exist. There is one output per exit.
struct Graph {
  std::string name;
  std::vector<Input> inputs;
  std::vector<std::string> outputs;
  std::vector<Node> nodes;
  std::unordered_map<std::string, Tensor> initializers;
  /// Initializers that files store as integers. Entries whose initializer is absent or has changed are ignored.
  std::map<std::string, QuantizedConstant> quantized = {};
  /// Kind of the outputs if the operators do not determine it (find_head()); empty = logits. Stored in files.
  std::optional<Head> head = {};
  /// Outputs of exits with untrained weights; training removes them. Stored in files.
  std::set<std::string> untrained = {};
  /// How pictures become the input, if known. Stored in files.
  Preprocessing preprocessing = {};
  Normalization normalization = {};

  /// The initializer of this name or nullptr.
  const Tensor* constant(std::string_view value) const;
  /// Throws kInvalidData with the first broken invariant.
  void validate() const;
};

/// Index of the node that produces each value; inputs and initializers are absent.
std::unordered_map<std::string, int> producers(const Graph& graph);

/// Reorders nodes topologically (stable). Throws kInvalidData on a cycle or an unknown value, naming it.
void sort_topologically(Graph& graph);

}  // namespace einet::graph
