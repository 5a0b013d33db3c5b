#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "exec/reference/loop.h"
#include "graph/selection.h"

namespace einet::exec {
namespace {

// Combines every element of x with the element of the result that it belongs to: first(x) for the first one, then
// combine(result, x); `finish` gets the result and the number of elements.
template <class First, class Combine, class Finish>
Loop reduction(const Operands& o, First first, Combine combine, Finish finish) {
  const graph::Shape& x = o.inputs[0];
  graph::Shape kept = x;
  for (const std::size_t axis : graph::reduced_axes(o.node, x.size())) kept[axis] = 1;
  const std::int64_t count = graph::element_count(x), results = graph::element_count(kept);
  return [=](std::span<const float* const> in, float* out) {
    std::vector<double> values(static_cast<std::size_t>(results));
    std::vector<char> begun(static_cast<std::size_t>(results), 0);
    for (std::int64_t i = 0; i < count; ++i) {
      std::int64_t rest = i, to = 0, step = 1;
      for (std::size_t d = x.size(); d-- > 0; rest /= x[d]) {
        to += kept[d] == 1 ? 0 : rest % x[d] * step;
        step *= kept[d];
      }
      const auto at = static_cast<std::size_t>(to);
      values[at] = begun[at] != 0 ? combine(values[at], double{in[0][i]}) : first(double{in[0][i]});
      begun[at] = 1;
    }
    for (const double value : values) {
      *out++ = static_cast<float>(finish(value, static_cast<double>(count) / static_cast<double>(results)));
    }
  };
}

constexpr auto kItself = [](double x) { return x; };
constexpr auto kSquare = [](double x) { return x * x; };
constexpr auto kResult = [](double result, double) { return result; };

// The sum of function(x)
template <class Function, class Finish>
Loop sum_of(const Operands& o, Function function, Finish finish) {
  return reduction(
      o, function, [=](double sum, double x) { return sum + function(x); }, finish);
}

Loop mean(const Operands& o) {
  return sum_of(o, kItself, [](double sum, double count) { return sum / count; });
}
Loop sum(const Operands& o) { return sum_of(o, kItself, kResult); }
Loop squares(const Operands& o) { return sum_of(o, kSquare, kResult); }
Loop l1(const Operands& o) {
  return sum_of(
      o, [](double x) { return std::abs(x); }, kResult);
}
Loop l2(const Operands& o) {
  return sum_of(o, kSquare, [](double sum, double) { return std::sqrt(sum); });
}
Loop log_sum(const Operands& o) {
  return sum_of(o, kItself, [](double sum, double) { return std::log(sum); });
}
Loop log_sum_exp(const Operands& o) {
  return reduction(
      o, kItself, [](double a, double b) { return std::max(a, b) + std::log1p(std::exp(-std::abs(a - b))); }, kResult);
}
Loop largest(const Operands& o) {
  return reduction(
      o, kItself, [](double a, double b) { return std::max(a, b); }, kResult);
}
Loop smallest(const Operands& o) {
  return reduction(
      o, kItself, [](double a, double b) { return std::min(a, b); }, kResult);
}
Loop product(const Operands& o) { return reduction(o, kItself, std::multiplies<>(), kResult); }

}  // namespace

const LoopMakers& reduction_loops() {
  static const LoopMakers makers = {{"ReduceMean", mean},      {"ReduceSum", sum},
                                    {"ReduceMax", largest},    {"ReduceMin", smallest},
                                    {"ReduceProd", product},   {"ReduceL1", l1},
                                    {"ReduceL2", l2},          {"ReduceSumSquare", squares},
                                    {"ReduceLogSum", log_sum}, {"ReduceLogSumExp", log_sum_exp}};
  return makers;
}

}  // namespace einet::exec
