#include "operators.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "channels_last.h"
#include "einet/core/error.h"
#include "einet/graph/axis.h"
#include "einet/graph/cost.h"
#include "einet/graph/selection.h"
#include "selection.h"
#include "windows.h"

namespace einet::train {
namespace {

using graph::Graph;
using graph::Node;
using Inputs = std::span<const at::Tensor>;
using Ints = std::vector<std::int64_t>;
using Compiler = Operation (*)(const Graph&, const Node&);

[[noreturn]] void unsupported(const Node& node, const std::string& why) {
  throw Error(ErrorKind::kUnsupported, graph::describe(node), why);
}

bool has_input(const Node& node, std::size_t i) { return i < node.inputs.size() && !node.inputs[i].empty(); }

const graph::Tensor& constant(const Graph& graph, const Node& node, std::size_t input) {
  const graph::Tensor* constant = has_input(node, input) ? graph.constant(node.inputs[input]) : nullptr;
  if (constant == nullptr) unsupported(node, "its input " + std::to_string(input + 1) + " is no constant");
  return *constant;
}

float scalar(const Graph& graph, const Node& node, std::size_t input, float otherwise) {
  if (!has_input(node, input)) return otherwise;
  const std::vector<float>& values = constant(graph, node, input).floats();
  if (values.size() != 1) unsupported(node, "'" + node.inputs[input] + "' is no single number");
  return values.front();
}

Ints dimensions(const std::vector<std::size_t>& axes) { return {axes.begin(), axes.end()}; }

Operation normalization(const Node& node, bool relu) {
  return [epsilon = node.attribute("epsilon", 1e-5f), momentum = 1 - node.attribute("momentum", 0.9f), relu](
             Inputs in, bool training) {
    const bool has_gradient =
        at::GradMode::is_enabled() && (in[0].requires_grad() || in[1].requires_grad() || in[2].requires_grad());
    if (suits_channels_last(in[0]) && (training || !has_gradient)) {
      const Normalization constants{in[1], in[2], in[3], in[4], epsilon, momentum};
      return training ? norm_relu_training(in[0], constants, relu) : norm_relu_evaluation(in[0], constants, relu);
    }
    const at::Tensor y = at::batch_norm(in[0], in[1], in[2], in[3], in[4], training, momentum, epsilon, true);
    return relu ? at::relu(y) : y;
  };
}

Operation batch_norm(const Graph&, const Node& node) { return normalization(node, false); }

Operation global_average_pool(const Graph&, const Node&) {
  return [](Inputs in, bool) { return in[0].mean(at::IntArrayRef{2, 3}, true); };
}

Operation global_max_pool(const Graph&, const Node&) {
  return [](Inputs in, bool) { return in[0].amax(at::IntArrayRef{2, 3}, true); };
}

/// x / (bias + alpha/size * sum of squares over `size` neighbouring channels)^beta.
Operation lrn(const Graph&, const Node& node) {
  return [size = node.attribute("size", std::int64_t{1}), alpha = node.attribute("alpha", 1e-4f),
          beta = node.attribute("beta", 0.75f), bias = node.attribute("bias", 1.0f)](Inputs in, bool) {
    const at::Tensor x = in[0].to(at::kFloat);
    const std::int64_t channels = x.size(1);
    const Ints before_and_after = {0, 0, 0, 0, (size - 1) / 2, size / 2};
    const at::Tensor squares = at::constant_pad_nd(x * x, before_and_after, 0);
    at::Tensor sum = squares.narrow(1, 0, channels);
    for (std::int64_t k = 1; k < size; ++k) sum = sum + squares.narrow(1, k, channels);
    return x * (sum * (alpha / static_cast<float>(size)) + bias).pow(-beta);
  };
}

Operation relu(const Graph&, const Node&) {
  return [](Inputs in, bool) { return at::relu(in[0]); };
}

Operation leaky_relu(const Graph&, const Node& node) {
  return [slope = node.attribute("alpha", 0.01f)](Inputs in, bool) { return at::leaky_relu(in[0], slope); };
}

/// The slope below zero is learnt: one for all, or one for every channel or element.
Operation prelu(const Graph&, const Node&) {
  return [](Inputs in, bool) { return at::where(in[0] < 0, in[0] * in[1], in[0]); };
}

Operation elu(const Graph&, const Node& node) {
  return [alpha = node.attribute("alpha", 1.0f)](Inputs in, bool) { return at::elu(in[0], alpha); };
}

Operation hard_sigmoid(const Graph&, const Node& node) {
  return [alpha = node.attribute("alpha", 0.2f), beta = node.attribute("beta", 0.5f)](Inputs in, bool) {
    return at::clamp(in[0] * alpha + beta, 0, 1);
  };
}

Operation hard_swish(const Graph&, const Node&) {
  return [](Inputs in, bool) { return at::hardswish(in[0]); };
}

Operation sigmoid(const Graph&, const Node&) {
  return [](Inputs in, bool) { return at::sigmoid(in[0]); };
}

Operation tanh(const Graph&, const Node&) {
  return [](Inputs in, bool) { return at::tanh(in[0]); };
}

Operation clip(const Graph& graph, const Node& node) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  return [low = scalar(graph, node, 1, -kLargest), high = scalar(graph, node, 2, kLargest)](Inputs in, bool) {
    return at::clamp(in[0], low, high);
  };
}

Operation add(const Graph&, const Node&) {
  return [](Inputs in, bool) { return in[0] + in[1]; };
}

Operation subtract(const Graph&, const Node&) {
  return [](Inputs in, bool) { return in[0] - in[1]; };
}

Operation multiply(const Graph&, const Node&) {
  return [](Inputs in, bool) { return in[0] * in[1]; };
}

Operation divide(const Graph&, const Node&) {
  return [](Inputs in, bool) { return in[0] / in[1]; };
}

Operation concat(const Graph&, const Node& node) {
  return [axis = node.attribute("axis", std::int64_t{1})](Inputs in, bool) {
    const bool alike = std::all_of(in.begin(), in.end(), [&](const at::Tensor& part) {
      return suits_channels_last(part) && part.scalar_type() == in[0].scalar_type();
    });
    if (axis == 1 && alike) return concat_channels({in.begin(), in.end()});
    return at::cat(at::TensorList(in.data(), in.size()), axis);
  };
}

Operation flatten(const Graph&, const Node& node) {
  return [node, axis = node.attribute("axis", std::int64_t{1})](Inputs in, bool) {
    const std::size_t split = graph::counted_axis(node, axis, in[0].dim(), true);
    std::int64_t rows = 1;
    for (std::size_t i = 0; i < split; ++i) rows *= in[0].size(static_cast<std::int64_t>(i));
    return in[0].reshape({rows, rows == 0 ? 0 : in[0].numel() / rows});
  };
}

Operation reshape(const Graph& graph, const Node& node) {
  return [shape = constant(graph, node, 1).ints()](Inputs in, bool) {
    Ints sizes = shape;
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      if (sizes[i] == 0) sizes[i] = in[0].size(static_cast<std::int64_t>(i));
    }
    return in[0].reshape(sizes);
  };
}

Operation transpose(const Graph&, const Node& node) {
  return [node](Inputs in, bool) { return in[0].permute(dimensions(graph::transposition(node, in[0].dim()))); };
}

Operation reduce_mean(const Graph&, const Node& node) {
  return [node, keep = node.attribute("keepdims", std::int64_t{1}) != 0](Inputs in, bool) {
    return in[0].mean(dimensions(graph::reduced_axes(node, in[0].dim())), keep);
  };
}

Operation gemm(const Graph&, const Node& node) {
  return [alpha = node.attribute("alpha", 1.0f), beta = node.attribute("beta", 1.0f),
          transpose_a = node.attribute("transA", std::int64_t{0}) != 0,
          transpose_b = node.attribute("transB", std::int64_t{0}) != 0](Inputs in, bool) {
    const at::Tensor a = transpose_a ? in[0].t() : in[0];
    const at::Tensor out_by_in = transpose_b ? in[1] : in[1].t();
    const bool biased = in.size() > 2;
    if (alpha == 1 && (!biased || (beta == 1 && in[2].dim() == 1 && in[2].size(0) == out_by_in.size(0)))) {
      return at::linear(a, out_by_in, biased ? c10::make_optional(in[2]) : c10::nullopt);
    }
    const at::Tensor product = at::linear(a, out_by_in) * alpha;
    return biased ? product + in[2] * beta : product;
  };
}

Operation matmul(const Graph&, const Node&) {
  return [](Inputs in, bool) { return at::matmul(in[0], in[1]); };
}

Operation dropout(const Graph& graph, const Node& node) {
  return [ratio = scalar(graph, node, 1, 0.5f)](Inputs in, bool training) {
    return training && ratio > 0 ? at::dropout(in[0], ratio, true) : in[0];
  };
}

Operation softmax(const Graph&, const Node& node) {
  return [axis = node.attribute("axis", std::int64_t{-1})](Inputs in, bool) {
    return at::softmax(in[0].to(at::kFloat), axis);
  };
}

Operation identity(const Graph&, const Node&) {
  return [](Inputs in, bool) { return in[0]; };
}

const std::unordered_map<std::string, Compiler>& table() {
  static const std::unordered_map<std::string, Compiler> operators = {
      {"Add", add},
      {"AveragePool", average_pool},
      {"BatchNormalization", batch_norm},
      {"Clip", clip},
      {"Concat", concat},
      {"Conv", conv},
      {"Div", divide},
      {"Dropout", dropout},
      {"Elu", elu},
      {"Flatten", flatten},
      {"Gemm", gemm},
      {"GlobalAveragePool", global_average_pool},
      {"GlobalMaxPool", global_max_pool},
      {"HardSigmoid", hard_sigmoid},
      {"HardSwish", hard_swish},
      {"Identity", identity},
      {"LRN", lrn},
      {"LeakyRelu", leaky_relu},
      {"MatMul", matmul},
      {"MaxPool", max_pool},
      {"Mul", multiply},
      {"PRelu", prelu},
      {"Pad", selection},
      {"ReduceMean", reduce_mean},
      {"Relu", relu},
      {"Reshape", reshape},
      {"Resize", selection},
      {"Sigmoid", sigmoid},
      {"Slice", selection},
      {"Softmax", softmax},
      {"Sub", subtract},
      {"Tanh", tanh},
      {"Transpose", transpose},
  };
  return operators;
}

}  // namespace

Operation compile(const Graph& graph, const Node& node) {
  const auto found = table().find(node.op);
  if (found == table().end()) unsupported(node, "the trainer does not know this operator");
  return found->second(graph, node);
}

Operation compile_norm_relu(const Node& node) { return normalization(node, true); }

Role role_of(const std::string& op, std::size_t position) {
  if (graph::is_trained(op, position)) {
    const bool weight = op == "MatMul" || ((op == "Conv" || op == "Gemm") && position == 1);
    return weight ? Role::kWeight : Role::kBias;
  }
  return op == "BatchNormalization" && position > 2 ? Role::kStatistic : Role::kConstant;
}

}  // namespace einet::train
