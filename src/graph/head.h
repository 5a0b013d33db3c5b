#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// What the outputs of an exit are.
enum class Head {
  kLogits,      ///< Softmax turns them into probabilities.
  kSoftmax,     ///< Probabilities that sum up to 1.
  kLogSoftmax,  ///< Logarithms of these.
  /// An independent probability per class. A single one is the probability of class 1 of the classes 0 and 1.
  kSigmoid,
};

/// "logits", "softmax", "log-softmax", "sigmoid".
std::vector<std::string> head_names();
std::string_view to_string(Head head);
/// Empty for any other name.
std::optional<Head> parse_head(std::string_view name);

/// The head of one output, by the operators that compute it.
struct FoundHead {
  Head head = Head::kLogits;
  /// Where the operators do not decide: the node that leaves it open, as errors name it. `head` is then Graph::head, or
  /// logits. Empty where they decide.
  std::string undecided_at;
};

/// Looks back from `output` through operators that keep what the values are (Reshape, Flatten, Clip, …). Softmax and
/// Sigmoid decide; layers of weights, pooling and activations give logits; arithmetic on probabilities, and arithmetic
/// that may be a softmax written out (x / sum, x - log), decides nothing.
FoundHead find_head(const Graph& graph, const std::string& output);

/// The value that operators which keep what values are hand on to `output`: `output` itself where none does.
std::string before_passing(const Graph& graph, const std::string& output);

/// Number of classes of an exit whose output has this shape: one axis besides the batch, the first, is longer than 1,
/// or none for a single sigmoid, which separates two classes. 0 where the output is not that of a classifier.
std::int64_t class_count(const Shape& output, Head head);

/// The node that divides a value by its length (L2 norm) and thereby gives `output`, as networks for embeddings end:
/// x / ReduceL2(x) or x / Sqrt(ReduceSum(x * x)), with a bound or a summand against division by 0. nullptr where there
/// is none.
const Node* find_l2_normalization(const Graph& graph, const std::string& output);

/// The same for the output of a graph, of this shape. Throws kInvalidData, naming the output, where it is 0, or where
/// the output has the length 1 and Graph::head is not given.
int exit_classes(const Graph& graph, const std::string& output, const Shape& shape);

}  // namespace einet::graph
