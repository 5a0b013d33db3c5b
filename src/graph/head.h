#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// The kind of an exit's outputs.
enum class Head {
  kLogits,      ///< Softmax turns them into probabilities.
  kSoftmax,     ///< Probabilities that sum to 1.
  kLogSoftmax,  ///< Logarithms of these.
  /// An independent probability per class. If there is only one, it is the probability of class 1 of the classes 0
  /// and 1.
  kSigmoid,
};

/// "logits", "softmax", "log-softmax", "sigmoid".
std::vector<std::string> head_names();
std::string_view to_string(Head head);
/// Empty for any other name.
std::optional<Head> parse_head(std::string_view name);

/// The head of one output, as determined from the operators that compute it.
struct FoundHead {
  Head head = Head::kLogits;
  /// If the operators do not determine the head: the node responsible, as named in errors. `head` is then Graph::head,
  /// or logits. Otherwise empty.
  std::string undecided_at;
};

/// Searches back from `output` through operators that preserve the kind of value (Reshape, Flatten, Clip, …). Softmax
/// and Sigmoid determine the head; layers with weights, pooling and activations mean logits; arithmetic on
/// probabilities, or arithmetic that may be a decomposed softmax (x / sum, x - log), leaves it undetermined.
FoundHead find_head(const Graph& graph, const std::string& output);

/// The value that reaches `output` only through operators that preserve its kind; `output` itself if there are none.
std::string before_passing(const Graph& graph, const std::string& output);

/// Number of classes of an exit whose output has this shape: besides the batch, the first axis, exactly one is longer
/// than 1, or none for a single sigmoid, which separates two classes. 0 if the output is not that of a classifier.
std::int64_t class_count(const Shape& output, Head head);

/// The node that computes `output` by dividing a value by its L2 norm, as at the end of embedding networks:
/// x / ReduceL2(x) or x / Sqrt(ReduceSum(x * x)), possibly with a bound or a summand against division by 0. nullptr if
/// there is none.
const Node* find_l2_normalization(const Graph& graph, const std::string& output);

/// class_count() of an output of a graph, of this shape. Throws kInvalidData, naming the output, if it is 0, or if the
/// output is normalised to length 1 and Graph::head is not given.
int exit_classes(const Graph& graph, const std::string& output, const Shape& shape);

}  // namespace einet::graph
