#include "graph/onnx/hints.h"

#include <array>
#include <unordered_set>

namespace einet::graph {
namespace {

struct Hint {
  std::unordered_set<std::string_view> operators;
  const char* advice;
};

const std::array<Hint, 9>& hints() {
  static const std::array<Hint, 9> all = {{
      {{"If", "Loop", "Scan"}, "export with fixed control flow, for example by tracing in eval() mode"},
      {{"Bernoulli", "Multinomial", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike"},
       "random numbers are only for training: export in eval() mode"},
      {{"ConcatFromSequence", "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceInsert", "SequenceLength",
        "SplitToSequence"},
       "simplifying the file, for example with onnxsim, or exporting it with fixed sizes removes sequences"},
      {{"ArgMax", "ArgMin", "NonMaxSuppression", "NonZero", "RoiAlign", "TopK", "Unique"},
       "end the model at its scores, before this step"},
      {{"GRU", "LSTM", "RNN"}, "recurrent networks are not supported"},
      {{"Attention", "RMSNormalization", "RotaryEmbedding"},
       "export with opset 20 or older, which has simpler operators for it"},
      {{"GatherElements", "GatherND", "ScatterElements", "TensorScatter"},
       "indexing of single elements is not supported; use Slice, Concat or Where, and export again"},
      {{"ConstantOfShape", "Range", "ScatterND", "Shape", "Size"},
       "it is supported only on shapes and constants; a file simplified by onnxsim or exported "
       "with "
       "fixed sizes may have none"},
      {{"Celu", "Selu", "Shrink", "Softsign", "ThresholdedRelu"},
       "use Relu, Elu, HardSwish, Gelu or Sigmoid and Mul, and train again"},
  }};
  return all;
}

}  // namespace

std::string hint_for(std::string_view op) {
  if (op.starts_with("com.microsoft.Q")) return "quantise in QDQ format (QuantFormat.QDQ), or export the float model";
  if (op.starts_with("com.microsoft.")) return "save the model before ONNX Runtime optimises it";
  if (op.starts_with("ai.onnx.ml.")) return "end the model at its scores, before this step";
  if (op.starts_with("aten.") || op.starts_with("org.pytorch.aten.")) {
    return "export with a newer PyTorch or a newer opset, without ATen operators";
  }
  if (op.find('.') != std::string_view::npos) return "save the model with standard operators only";
  for (const Hint& hint : hints()) {
    if (hint.operators.contains(op)) return hint.advice;
  }
  return "";
}

}  // namespace einet::graph
