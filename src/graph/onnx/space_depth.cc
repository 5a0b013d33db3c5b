#include "graph/onnx/space_depth.h"

#include <utility>

#include "graph/faults.h"

namespace einet::graph {

void rewrite_space_depth(Rewriting& to) {
  using Ints = std::vector<std::int64_t>;
  const Node& node = to.node();
  const bool to_space = node.op == "DepthToSpace";
  const Shape x = to.shape(0);
  const std::int64_t b = node.attribute("blocksize", std::int64_t{0});
  constexpr std::int64_t kLargest = 1 << 15;
  const bool fits =
      x.size() == 4 && b >= 1 && b <= kLargest && (to_space ? x[1] % (b * b) == 0 : x[2] % b == 0 && x[3] % b == 0);
  if (!fits) invalid(node, "cannot divide " + to_string(x) + " into blocks of " + std::to_string(b));
  const std::string mode = to_space ? node.attribute("mode", "DCR") : "DCR";
  if (mode != "DCR" && mode != "CRD") invalid(node, "has an unknown mode '" + mode + "'");

  Ints apart, order, together;
  if (to_space) {
    const std::int64_t depth = x[1] / (b * b);
    apart = mode == "DCR" ? Ints{x[0], b, b, depth, x[2], x[3]} : Ints{x[0], depth, b, b, x[2], x[3]};
    order = mode == "DCR" ? Ints{0, 3, 4, 1, 5, 2} : Ints{0, 1, 4, 2, 5, 3};
    together = {x[0], depth, x[2] * b, x[3] * b};
  } else {
    apart = {x[0], x[1], x[2] / b, b, x[3] / b, b};
    order = {0, 3, 5, 1, 2, 4};
    together = {x[0], x[1] * b * b, x[2] / b, x[3] / b};
  }
  const auto list = [&](const char* key, Ints values) {
    const auto count = static_cast<std::int64_t>(values.size());
    return to.add_constant(key, Tensor({count}, std::move(values)));
  };
  const std::string pieces = to.add("apart", "Reshape", {node.inputs.front(), list("blocks", std::move(apart))});
  const std::string moved = to.add("moved", "Transpose", {pieces}, {{"perm", order}});
  to.add_output(0, "Reshape", {moved, list("shape", std::move(together))});
}

}  // namespace einet::graph
