#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

// The parts of evaluate() (onnx/evaluate.h). Functions throw kInvalidData or kUnsupported, naming the node.

/// The inputs of a node; nullptr for absent optional inputs.
using EvaluatorInputs = std::span<const Tensor* const>;
using Evaluators = std::unordered_map<std::string_view, Tensor (*)(const Node&, EvaluatorInputs)>;

// One table per family, each in the file of the same name. To add an operator, write its function there and add a line
// to the table.
const Evaluators& arithmetic_evaluators();   // Add, Mul, Pow, Where, Equal, And, Neg, Sqrt, …
const Evaluators& arrangement_evaluators();  // Slice, Gather, Transpose, Concat, Reshape, ScatterND, …
const Evaluators& constant_evaluators();     // Constant, ConstantOfShape, Range, Cast, Size, QuantizeLinear, …

/// Input i, which must be present.
const Tensor& needed_input(const Node& node, EvaluatorInputs inputs, std::size_t i);

/// The number of elements of `shape`. A small file must not cause a huge allocation, so sizes are limited, even of
/// dimensions beside one of size 0.
std::size_t checked_count(const Node& node, const Shape& shape, EvaluatorInputs inputs);

std::vector<std::int64_t> strides_of(const Shape& shape);

/// For every element of `shape`, in C order, its index: the sum over the dimensions d of tables[d][position].
std::vector<std::int64_t> element_indices(const Node& node, const Shape& shape,
                                          const std::vector<std::vector<std::int64_t>>& tables, EvaluatorInputs inputs);

/// A tensor of `shape` with the elements of `from` at these indices.
Tensor elements_at(const Tensor& from, Shape shape, const std::vector<std::int64_t>& indices);

std::vector<float> to_floats(const Tensor& tensor);
std::vector<std::int64_t> to_ints(const Node& node, const Tensor& tensor);

}  // namespace einet::graph
