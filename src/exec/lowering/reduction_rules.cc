#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "exec/lowering/lower.h"
#include "graph/selection.h"

namespace einet::exec {
namespace {

constexpr std::array<std::pair<std::string_view, RowReduction::Kind>, 10> kKinds = {{
    {"ReduceMean", RowReduction::kMean},
    {"ReduceSum", RowReduction::kSum},
    {"ReduceMax", RowReduction::kMax},
    {"ReduceMin", RowReduction::kMin},
    {"ReduceProd", RowReduction::kProduct},
    {"ReduceL1", RowReduction::kL1},
    {"ReduceL2", RowReduction::kL2},
    {"ReduceSumSquare", RowReduction::kSquares},
    {"ReduceLogSum", RowReduction::kLogSum},
    {"ReduceLogSumExp", RowReduction::kLogSumExp},
}};

// Mean and maximum over every whole plane are poolings; all others reduce rows of the elements to be combined.
void reduce(Lowering& to, const graph::Node& node) {
  const graph::Shape &x = to.shape(node, 0), &y = to.shape(node);
  const std::vector<std::size_t> axes = graph::reduced_axes(node, x.size());
  const auto reduced = [&](std::size_t d) { return std::ranges::find(axes, d) != axes.end(); };
  const RowReduction::Kind kind =
      std::ranges::find(kKinds, node.op, &std::pair<std::string_view, RowReduction::Kind>::first)->second;
  const bool pools = kind == RowReduction::kMean || kind == RowReduction::kMax;
  if (pools && x.size() > 2 && axes.size() == x.size() - 2 && !reduced(0) && !reduced(1)) {
    const int image = to.image(node, 0);
    const graph::Shape& shape = to.describe(image).shape;
    const Pool pool{kind == RowReduction::kMax ? Pool::kMax : Pool::kAverage,
                    {{shape[2], shape[3]}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {1, 1}},
                    false};
    return to.emit(node, pool, {image}, {x[0], x[1], 1, 1}, Arrangement::row_major(y));
  }
  std::vector<std::size_t> order;
  for (std::size_t d = 0; d < x.size(); ++d) {
    if (!reduced(d)) order.push_back(d);
  }
  order.insert(order.end(), axes.begin(), axes.end());
  const std::int64_t rows = graph::element_count(y);
  const int ordered = to.ordered(node, 0, order, {rows, graph::element_count(x) / rows});
  to.emit(node, RowReduction{kind}, {ordered}, {rows, 1}, Arrangement::row_major(y));
}

}  // namespace

const Rules& reduction_rules() {
  static const Rules rules = [] {
    Rules all;
    for (const auto& [op, kind] : kKinds) all.push_back({op, reduce});
    return all;
  }();
  return rules;
}

}  // namespace einet::exec
