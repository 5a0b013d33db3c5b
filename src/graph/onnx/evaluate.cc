#include "graph/onnx/evaluate.h"

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "graph/axis.h"
#include "graph/faults.h"
#include "graph/onnx/evaluators/evaluator.h"

namespace einet::graph {

bool is_gone_after_loading(std::string_view op) {
  static const std::unordered_set<std::string_view> operators = {
      "Cast",  "Constant", "ConstantOfShape", "DepthToSpace", "Einsum", "If",      "Mean",      "Range",    "ScatterND",
      "Shape", "Size",     "SpaceToDepth",    "Split",        "Sum",    "Squeeze", "Unsqueeze", "Upsample", "Where"};
  return operators.contains(op);
}

std::optional<Tensor> evaluate(const Node& node, std::span<const Tensor* const> inputs) {
  if (node.outputs.size() != 1) return std::nullopt;
  for (const Evaluators* family : {&arithmetic_evaluators(), &arrangement_evaluators(), &constant_evaluators()}) {
    if (const auto found = family->find(node.op); found != family->end()) return found->second(node, inputs);
  }
  return std::nullopt;
}

Tensor evaluate_shape(const Node& node, const Shape& x) {
  const auto rank = static_cast<std::int64_t>(x.size());
  const auto bound = [&](const char* key, std::int64_t otherwise) {
    const std::int64_t given = node.attribute(key, otherwise);
    return std::clamp<std::int64_t>(given < 0 ? given + rank : given, 0, rank);
  };
  const std::int64_t start = bound("start", 0), end = std::max(start, bound("end", rank));
  return Tensor({end - start}, std::vector<std::int64_t>(x.begin() + start, x.begin() + end));
}

Shape squeezed_shape(const Node& node, const Shape& x, const Tensor* axes) {
  std::vector<std::int64_t> given =
      axes != nullptr ? axes->ints() : node.attribute("axes", std::vector<std::int64_t>{});
  const bool grows = node.op == "Unsqueeze";
  const std::size_t rank = x.size() + (grows ? given.size() : 0);
  if (!grows && given.empty()) {
    for (std::size_t d = 0; d < x.size(); ++d) {
      if (x[d] == 1) given.push_back(static_cast<std::int64_t>(d));
    }
  }
  std::vector<char> named(rank, 0);
  for (const std::int64_t axis : given) {
    const std::size_t at = counted_axis(node, axis, rank);
    if (std::exchange(named[at], 1) != 0) invalid(node, "names the axis " + std::to_string(axis) + " twice");
    if (!grows && x[at] != 1) invalid(node, "cannot remove dimension " + std::to_string(at) + " of " + to_string(x));
  }
  Shape result;
  std::size_t next = 0;
  for (std::size_t d = 0; d < rank; ++d) {
    if (grows) {
      result.push_back(named[d] != 0 ? 1 : x[next++]);
    } else if (named[d] == 0) {
      result.push_back(x[d]);
    }
  }
  return result;
}

}  // namespace einet::graph
