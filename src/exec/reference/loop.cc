#include "reference/loop.h"

#include <array>

#include "einet/core/error.h"

namespace einet::exec {
namespace {

constexpr std::array kFamilies = {&convolution_loops, &pooling_loops,    &matrix_loops,     &normalization_loops,
                                  &activation_loops,  &arithmetic_loops, &arrangement_loops};

}  // namespace

void Operands::unsupported(const std::string& why) const {
  throw Error(ErrorKind::kUnsupported, graph::describe(node), why);
}

Loop make_loop(const Operands& operands) {
  for (const auto& family : kFamilies) {
    for (const LoopMaker& maker : family()) {
      if (maker.op == operands.node.op) return maker.make(operands);
    }
  }
  operands.unsupported("the reference executor does not know this operator");
}

}  // namespace einet::exec
