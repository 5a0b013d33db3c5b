#include "exec/reference/loop.h"

#include <array>

#include "einet/error.h"

namespace einet::exec {
namespace {

constexpr std::array kLoopFamilies = {&convolution_loops,   &pooling_loops,    &matrix_loops,
                                      &normalization_loops, &activation_loops, &arithmetic_loops,
                                      &arrangement_loops,   &selection_loops,  &reduction_loops};

}  // namespace

void Operands::unsupported(const std::string& why) const {
  throw Error(ErrorKind::kUnsupported, graph::describe(node), why);
}

graph::Shape Operands::image(graph::Shape shape) const {
  if (shape.size() == 3) shape.insert(shape.begin() + 2, 1);
  if (shape.size() != 4)
    unsupported("only images [N,C,H,W] and rows [N,C,L] are supported, not " + graph::to_string(shape));
  return shape;
}

graph::WindowGeometry Operands::image(graph::WindowGeometry g) const {
  if (g.kernel.size() != 1) return g;
  for (auto* list : {&g.kernel, &g.strides, &g.dilations, &g.output}) list->insert(list->begin(), 1);
  for (auto* list : {&g.pads_begin, &g.pads_end}) list->insert(list->begin(), 0);
  return g;
}

Loop make_loop(const Operands& operands) {
  for (const auto& family : kLoopFamilies) {
    for (const LoopMaker& maker : family()) {
      if (maker.op == operands.node.op) return maker.make(operands);
    }
  }
  operands.unsupported("this operator is not supported by the reference executor");
}

}  // namespace einet::exec
