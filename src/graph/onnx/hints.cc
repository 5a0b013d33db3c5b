#include "onnx/hints.h"

#include <array>
#include <unordered_set>

#include "einet/core/error.h"
#include "einet/graph/shape_inference.h"

namespace einet::graph {
namespace {

struct Hint {
  std::unordered_set<std::string_view> operators;
  const char* advice;
};

const std::array<Hint, 6>& hints() {
  static const std::array<Hint, 6> all = {{
      {{"If", "Loop", "Scan"}, "export with fixed control flow, for example by tracing"},
      {{"QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger",
        "DynamicQuantizeLinear"},
       "export the float model, before quantisation"},
      {{"NonMaxSuppression", "TopK", "ArgMax", "RoiAlign", "NonZero"}, "end the model at its scores, before this step"},
      {{"ConvTranspose", "GRU", "LSTM", "RNN", "Attention"}, "only convolutional classifiers are supported"},
      {{"Gather", "Shape", "Expand", "Where", "Equal", "Range", "Cast", "ConstantOfShape"},
       "it is supported only where it computes from shapes and constants"},
      {{"Selu", "Softsign", "Swish"}, "use Relu, Elu, HardSwish, Gelu or Sigmoid and Mul, and train again"},
  }};
  return all;
}

}  // namespace

std::string hint_for(std::string_view op) {
  if (op.find('.') != std::string_view::npos)
    return "save the model with standard operators, before a runtime fuses them";
  for (const Hint& hint : hints()) {
    if (hint.operators.contains(op)) return hint.advice;
  }
  const std::string near = nearest_name(op, supported_operators());
  return near.empty() ? "" : "the nearest supported operator by name is " + near;
}

}  // namespace einet::graph
