#include <algorithm>

#include "einet/error.h"
#include "graph/axis.h"
#include "train/batch_part.h"
#include "train/channels_last.h"
#include "train/operators/families.h"

namespace einet::train {
namespace {

using graph::Graph;
using graph::Node;
using Inputs = std::span<const at::Tensor>;
using Ints = std::vector<std::int64_t>;

/// norm_relu_training() for a value of any layout and number of dimensions.
at::Tensor synchronized_norm(const at::Tensor& x, const Normalization& constants, bool relu) {
  at::Tensor flat = x.reshape({x.size(0), x.size(1), -1, 1});
  if (flat.scalar_type() != at::kBFloat16) flat = flat.to(at::kFloat);
  flat = flat.contiguous(at::MemoryFormat::ChannelsLast);
  if (!suits_channels_last(flat)) {
    throw Error(ErrorKind::kUnsupported, "training on several processes",
                "normalisations are synchronized only on CPUs; use --local-statistics");
  }
  return norm_relu_training(flat, constants, relu).reshape(x.sizes());
}

Operation normalization(const Node& node, bool relu) {
  return [epsilon = node.attribute("epsilon", 1e-5f), momentum = 1 - node.attribute("momentum", 0.9f), relu](
             Inputs in, bool training) {
    const bool has_gradient =
        at::GradMode::is_enabled() && (in[0].requires_grad() || in[1].requires_grad() || in[2].requires_grad());
    const Normalization constants{in[1], in[2], in[3], in[4], epsilon, momentum};
    if (suits_channels_last(in[0]) && (training || !has_gradient)) {
      return training ? norm_relu_training(in[0], constants, relu) : norm_relu_evaluation(in[0], constants, relu);
    }
    if (training && SharedBatch::statistics() != nullptr) return synchronized_norm(in[0], constants, relu);
    const at::Tensor y = at::batch_norm(in[0], in[1], in[2], in[3], in[4], training, momentum, epsilon, true);
    return relu ? at::relu(y) : y;
  };
}

Operation batch_norm(const Graph&, const Node& node) { return normalization(node, false); }

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

/// Statistics in float; scale and shift of the normalised dimensions, the shift optional.
Operation layer_norm(const Graph&, const Node& node) {
  return [node, axis = node.attribute("axis", std::int64_t{-1}), epsilon = node.attribute("epsilon", 1e-5f)](Inputs in,
                                                                                                             bool) {
    const std::size_t first = graph::counted_axis(node, axis, in[0].dim());
    const c10::optional<at::Tensor> shift = in.size() > 2 ? c10::make_optional(in[2]) : c10::nullopt;
    return at::layer_norm(in[0].to(at::kFloat), in[0].sizes().slice(first), in[1], shift, epsilon);
  };
}

/// InstanceNormalization has a group for each channel. The gradient of libtorch's function requires dense [N,C,...].
Operation group_norm(const Graph&, const Node& node) {
  return [groups = node.op == "InstanceNormalization" ? 0 : node.attribute("num_groups", std::int64_t{1}),
          epsilon = node.attribute("epsilon", 1e-5f)](Inputs in, bool) {
    const at::Tensor x = in[0].to(at::kFloat).contiguous();
    return at::group_norm(x, groups > 0 ? groups : x.size(1), in[1], in[2], epsilon);
  };
}

Operation softmax(const Graph&, const Node& node) {
  return [axis = node.attribute("axis", std::int64_t{-1})](Inputs in, bool) {
    return at::softmax(in[0].to(at::kFloat), axis);
  };
}

Operation log_softmax(const Graph&, const Node& node) {
  return [axis = node.attribute("axis", std::int64_t{-1})](Inputs in, bool) {
    return at::log_softmax(in[0].to(at::kFloat), axis);
  };
}

}  // namespace

const Compilers& normalization_operators() {
  static const Compilers operators = {
      {"BatchNormalization", batch_norm},
      {"GroupNormalization", group_norm},
      {"InstanceNormalization", group_norm},
      {"LRN", lrn},
      {"LayerNormalization", layer_norm},
      {"LogSoftmax", log_softmax},
      {"Softmax", softmax},
  };
  return operators;
}

Operation compile_norm_relu(const Node& node) { return normalization(node, true); }

}  // namespace einet::train
