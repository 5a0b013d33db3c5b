#include "exec/onednn/int8_layer.h"

#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "einet/error.h"
#include "exec/onednn/convolution_shape.h"
#include "exec/onednn/layer.h"

namespace einet::exec {
namespace {

// The integers of the weights, as floats; `scales` has one for each of the consecutive rows.
std::vector<float> whole(const std::vector<float>& weights, const std::vector<float>& scales) {
  const std::size_t row = weights.size() / scales.size();
  std::vector<float> result(weights.size());
  for (std::size_t i = 0; i < weights.size(); ++i) result[i] = std::nearbyint(weights[i] / scales[i / row]);
  return result;
}

Int8Layer numbers(const Operation& operation, const Int8Form& form) {
  Int8Layer layer{form.source, {}, {}, form.with_residual, form.residual, operation.activation, form.target};
  if (const auto* conv = std::get_if<Convolution>(&operation.kind)) {
    layer.weight_scales = conv->scales;
    layer.bias = conv->bias;
    return layer;
  }
  // The sum of (q - zero) * w is the sum of q * w minus zero times that of w.
  const Linear& linear = std::get<Linear>(operation.kind);
  layer.weight_scales = linear.scales;
  layer.bias = linear.bias;
  if (form.source.zero == 0) return layer;
  const std::vector<float> weights = whole(linear.weights, linear.scales);
  for (std::size_t m = 0; m < layer.bias.size(); ++m) {
    const auto first = weights.begin() + static_cast<std::ptrdiff_t>(m) * linear.inputs;
    const float sum = std::accumulate(first, first + linear.inputs, 0.0f);
    layer.bias[m] -= static_cast<float>(form.source.zero) * sum * form.source.scale * linear.scales[m];
  }
  return layer;
}

}  // namespace

bool has_int8_layer(const Operation& operation, const graph::Shape& input, const graph::Shape& output,
                    const Int8Form& form) {
  const Requantization by = requantization(numbers(operation, form));
  if (const auto* conv = std::get_if<Convolution>(&operation.kind)) {
    return has_int8_convolution(cpu(), convolution_shape(*conv, input, output), form, by);
  }
  const Linear& linear = std::get<Linear>(operation.kind);
  return has_int8_inner_product(cpu(), input[0], linear.inputs, linear.outputs, form, by);
}

MadeLayer make_int8_layer(const Operation& operation, const graph::Shape& input, const graph::Shape& output,
                          const Int8Form& form, const Int8Places& places, WeightStore& weights) {
  using Tag = dnnl::memory::format_tag;
  const Requantization by = requantization(numbers(operation, form));
  Primitive made;
  dnnl::memory packed;
  if (const auto* conv = std::get_if<Convolution>(&operation.kind)) {
    const ConvolutionShape shape = convolution_shape(*conv, input, output);
    made = make_int8_convolution(cpu(), shape, form, by);
    packed = constant(made.weights, {shape.weights, dnnl::memory::data_type::f32, weight_order(*conv)},
                      whole(conv->weights.floats(), conv->scales), weights);
  } else {
    const Linear& linear = std::get<Linear>(operation.kind);
    made = make_int8_inner_product(cpu(), input[0], linear.inputs, linear.outputs, form, by);
    packed = constant(made.weights, {{linear.outputs, linear.inputs}, dnnl::memory::data_type::f32, Tag::oi},
                      whole(linear.weights, linear.scales), weights);
  }
  Constants constants{{DNNL_ARG_WEIGHTS, std::move(packed)},
                      {DNNL_ARG_BIAS, constant(made.bias, made.bias, by.bias, weights)}};
  std::vector<Argument> arguments{{DNNL_ARG_SRC, made.source, places.input},
                                  {DNNL_ARG_DST, made.target, places.output}};
  if (form.with_residual) {
    const dnnl::memory::desc added = residual_description(form, output);
    arguments.push_back({DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, added, places.residual});
  }
  std::string implementation = made.implementation;
  return {make_layer(std::move(made), std::move(arguments), std::move(constants)), std::move(implementation)};
}

}  // namespace einet::exec
