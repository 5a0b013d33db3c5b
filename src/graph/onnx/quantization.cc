// Quantised networks, computed in float with the specified results: an 8- or 16-bit number is the float of equal value.
//
//   QuantizeLinear      q = saturate(round(x / scale) + zero)       Div, Round, Add, Clip
//   DequantizeLinear    x = (q - zero) * scale                      Sub, Mul
//   QLinearConv, QLinearMatMul                                      Sub, Conv or MatMul, Mul, Round, Add, Clip
//   ConvInteger, MatMulInteger                                      Sub, Conv or MatMul
//
// Ties are rounded to even, and the executors do not reorder operations whose results are rounded next. Sums of
// products of integers are exact up to 2^24; beyond that they are rounded like floats, so a result on the border of two
// steps of its scale may differ by one step. Scales and zero points with one element for every channel get the shape
// that broadcasting needs. Quantised weights are constants and are dequantised when the file is loaded.

#include "graph/onnx/quantization.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "graph/axis.h"
#include "graph/faults.h"

namespace einet::graph {
namespace {

using onnx::TensorProto;

constexpr std::array<std::string_view, 7> kOperators = {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear",
                                                        "QLinearConv",    "QLinearMatMul",    "ConvInteger",
                                                        "MatMulInteger"};

struct Range {
  float low, high;
};

// The range of the type that `node` quantises to.
Range range(const Node& node) {
  const std::int64_t type = node.attribute("output_dtype", std::int64_t{TensorProto::UINT8});
  switch (type) {
    case TensorProto::UINT8:
      return {0, 255};
    case TensorProto::INT8:
      return {-128, 127};
    case TensorProto::UINT16:
      return {0, 65535};
    case TensorProto::INT16:
      return {-32768, 32767};
    default:
      unsupported(node, "quantises to the ONNX element type " + std::to_string(type) +
                            "; int8, uint8, int16 and uint16 are supported");
  }
}

void refuse_blocks(const Node& node) {
  const std::int64_t block = node.attribute("block_size", std::int64_t{0});
  if (block != 0) {
    unsupported(node, "blocked quantisation (block_size " + std::to_string(block) +
                          ") is not supported; quantise per tensor or per channel");
  }
}

std::vector<float> floats_of(const Tensor& tensor) {
  if (tensor.is_float()) return tensor.floats();
  return {tensor.ints().begin(), tensor.ints().end()};
}

bool is_zero(const Tensor& tensor) {
  return std::visit([](const auto& values) { return std::ranges::all_of(values, [](auto v) { return v == 0; }); },
                    tensor.data);
}

Tensor scalar(float value) { return Tensor({}, std::vector<float>{value}); }

// A scale or zero point as a float that broadcasts to `x`: one number, or one for every position along `axis`.
Tensor spread(const Node& node, const Tensor& given, const Shape& x, std::int64_t axis) {
  std::vector<float> values = floats_of(given);
  if (values.size() == 1) return scalar(values.front());
  const std::size_t at = counted_axis(node, axis, x.size());
  if (given.shape.size() != 1 || given.shape[0] != x[at]) {
    invalid(node, "a scale or zero point of shape " + to_string(given.shape) + " does not match dimension " +
                      std::to_string(at) + " of " + to_string(x));
  }
  Shape shape(x.size() - at, 1);
  shape[0] = x[at];
  return Tensor(std::move(shape), std::move(values));
}

// Calls function(element, channel) for every element of `x`; channel = position in `parameter`, a result of spread().
template <class Function>
void each(const Shape& x, const Tensor& parameter, Function function) {
  const std::size_t count = static_cast<std::size_t>(element_count(x));
  const std::size_t channels = parameter.floats().size();
  std::size_t inner = 1;
  for (std::size_t d = 1; d < parameter.shape.size(); ++d) inner *= static_cast<std::size_t>(x[x.size() - d]);
  for (std::size_t i = 0; i < count; ++i) function(i, channels == 1 ? 0 : i / inner % channels);
}

struct Parameters {
  Tensor scale, zero;
};

Parameters parameters(const Node& node, std::span<const Tensor* const> inputs) {
  refuse_blocks(node);
  if (inputs.size() < 2 || inputs[0] == nullptr || inputs[1] == nullptr) invalid(node, "has too few inputs");
  const Shape& x = inputs[0]->shape;
  const std::int64_t axis = node.attribute("axis", std::int64_t{1});
  Parameters result{spread(node, *inputs[1], x, axis), {}};
  const bool given = inputs.size() > 2 && inputs[2] != nullptr;
  result.zero = given ? spread(node, *inputs[2], x, axis) : scalar(0.0f);
  if (given && result.zero.shape != result.scale.shape)
    invalid(node, "has a scale and a zero point of different shapes");
  if (!given) {
    result.zero = Tensor(result.scale.shape, std::vector<float>(result.scale.floats().size(), 0.0f));
  }
  return result;
}

// Common code of the operators below.
class Arithmetic {
 public:
  explicit Arithmetic(Rewriting& to) : to_(to), node_(to.node()) {}

  std::string x(std::size_t i) const { return node_.inputs[i]; }

  // Input i as a float that broadcasts to `x`; a computed one must be a single number, which broadcasts unchanged.
  std::string parameter(std::size_t i, const Shape& x, std::int64_t axis, const std::string& key) const {
    if (const Tensor* given = to_.constant(i)) return to_.add_constant(key, spread(node_, *given, x, axis));
    if (element_count(to_.shape(i)) != 1) {
      unsupported(node_, "'" + node_.inputs[i] + "' is not a constant; only a single number may be computed");
    }
    return node_.inputs[i];
  }

  // Input i minus its zero point, input `zero`.
  std::string centred(std::size_t i, std::size_t zero, std::int64_t axis, const std::string& key) const {
    const Tensor* given = to_.constant(i);
    const Tensor* offset = to_.has(zero) ? to_.constant(zero) : nullptr;
    const Shape shape = to_.shape(i);
    if (given != nullptr && (!to_.has(zero) || offset != nullptr)) {
      Tensor result(shape, floats_of(*given));
      const Tensor less = offset == nullptr ? scalar(0.0f) : spread(node_, *offset, shape, axis);
      each(shape, less, [&](std::size_t at, std::size_t channel) { result.floats()[at] -= less.floats()[channel]; });
      return to_.add_constant(key, std::move(result));
    }
    std::string value = given == nullptr ? x(i) : to_.add_constant(key + ".float", Tensor(shape, floats_of(*given)));
    if (!to_.has(zero) || (offset != nullptr && is_zero(*offset))) return value;
    return to_.add(key, "Sub", {value, parameter(zero, shape, axis, key + ".zero")});
  }

  // The only output: saturate(round(x) + zero point), where the zero point is input `zero`.
  void round(const std::string& x, std::size_t zero, const Shape& shape, std::int64_t axis) const {
    const Range bounds = range(node_);
    std::string whole = to_.add("round", "Round", {x});
    const Tensor* offset = to_.has(zero) ? to_.constant(zero) : nullptr;
    if (to_.has(zero) && (offset == nullptr || !is_zero(*offset))) {
      whole = to_.add("shift", "Add", {whole, parameter(zero, shape, axis, "zero")});
    }
    to_.add_output(0, "Clip",
                   {whole, to_.add_constant("low", scalar(bounds.low)), to_.add_constant("high", scalar(bounds.high))});
  }

  // scale(a) * scale(b) / scale(y), each a number or one for every channel, in the shape that broadcasts to results
  // with `after` dimensions behind the channels.
  std::string requantization(std::size_t a, std::size_t b, std::size_t y, std::size_t after) const {
    const auto scales = [&](std::size_t i) {
      const Tensor* given = to_.constant(i);
      if (given == nullptr) unsupported(node_, "the scale '" + node_.inputs[i] + "' is not a constant");
      return floats_of(*given);
    };
    const std::vector<float> left = scales(a), target = scales(y);
    std::vector<float> factors = scales(b);
    if (left.size() != 1 || target.size() != 1)
      unsupported(node_, "only its weights may have a scale for every channel");
    for (float& factor : factors) factor = left.front() * factor / target.front();
    check_scale(target.front());
    Shape shape;
    if (factors.size() > 1) {
      shape.assign(after + 1, 1);
      shape.front() = static_cast<std::int64_t>(factors.size());
    }
    return to_.add_constant("factor", Tensor(std::move(shape), std::move(factors)));
  }

  void check_scale(float scale) const {
    if (scale == 0.0f) invalid(node_, "has the scale 0");
  }

 private:
  Rewriting& to_;
  const Node& node_;
};

void quantize(Rewriting& to) {
  const Arithmetic with(to);
  refuse_blocks(to.node());
  const Shape x = to.shape(0);
  const std::int64_t axis = to.node().attribute("axis", std::int64_t{1});
  if (const Tensor* scale = to.constant(1)) {
    for (const float value : floats_of(*scale)) with.check_scale(value);
  }
  with.round(to.add("scaled", "Div", {with.x(0), with.parameter(1, x, axis, "scale")}), 2, x, axis);
}

void dequantize(Rewriting& to) {
  const Arithmetic with(to);
  refuse_blocks(to.node());
  const Shape x = to.shape(0);
  const std::int64_t axis = to.node().attribute("axis", std::int64_t{1});
  to.add_output(0, "Mul", {with.centred(0, 2, axis, "centred"), with.parameter(1, x, axis, "scale")});
}

// scale = (max - min) / 255 over the whole value, 0 included; zero = saturate(round(-min / scale))
void quantize_dynamically(Rewriting& to) {
  const std::string x = to.node().inputs.front(), zero = to.add_constant("null", scalar(0.0f));
  const std::string low = to.add_constant("low", scalar(0.0f)), high = to.add_constant("high", scalar(255.0f));
  const std::map<std::string, Attribute> all = {{"keepdims", std::int64_t{0}}};
  const std::string most = to.add("max", "Max", {to.add("largest", "ReduceMax", {x}, all), zero});
  const std::string least = to.add("min", "Min", {to.add("smallest", "ReduceMin", {x}, all), zero});
  const std::string range = to.add("range", "Sub", {most, least});
  // If all values are zero, the range is empty and any scale will do.
  const std::string tiny = to.add_constant("tiny", scalar(1e-37f));
  const std::string scale = to.add("scale", "Max", {to.add("step", "Div", {range, high}), tiny});
  const std::string begin = to.add("begin", "Div", {to.add("below", "Neg", {least}), scale});
  const std::string offset = to.add("offset", "Round", {to.add("inside", "Clip", {begin, low, high})});
  const std::string whole = to.add("round", "Round", {to.add("scaled", "Div", {x, scale})});
  to.add_output(0, "Clip", {to.add("shift", "Add", {whole, offset}), low, high});
  if (to.node().outputs.size() > 1) to.add_output(1, "Identity", {scale});
  if (to.node().outputs.size() > 2) to.add_output(2, "Identity", {offset});
}

std::map<std::string, Attribute> window_of(const Node& node) {
  std::map<std::string, Attribute> attributes = node.attributes;
  attributes.erase("output_dtype");
  return attributes;
}

// x, x_scale, x_zero_point, w, w_scale, w_zero_point, y_scale, y_zero_point, B of int32 in units of x_scale * w_scale
void qlinear_conv(Rewriting& to) {
  const Arithmetic with(to);
  const Shape x = to.shape(0);
  if (to.constant(3) == nullptr) unsupported(to.node(), "its weights are not a constant");
  std::vector<std::string> inputs = {with.centred(0, 2, 1, "x"), with.centred(3, 5, 0, "weights")};
  if (to.has(8)) inputs.push_back(with.centred(8, 9, 0, "bias"));
  const std::string sums = to.add("sums", "Conv", std::move(inputs), window_of(to.node()));
  const std::string factor = with.requantization(1, 4, 6, x.size() - 2);
  with.round(to.add("scaled", "Mul", {sums, factor}), 7, x, 1);
}

// a, a_scale, a_zero_point, b, b_scale, b_zero_point, y_scale, y_zero_point
void qlinear_matmul(Rewriting& to) {
  const Arithmetic with(to);
  const Shape a = to.shape(0);
  const std::string sums = to.add("sums", "MatMul", {with.centred(0, 2, -2, "a"), with.centred(3, 5, -1, "b")});
  const std::string factor = with.requantization(1, 4, 6, 0);
  with.round(to.add("scaled", "Mul", {sums, factor}), 7, a, -1);
}

void conv_integer(Rewriting& to) {
  const Arithmetic with(to);
  if (to.constant(1) == nullptr) unsupported(to.node(), "its weights are not a constant");
  to.add_output(0, "Conv", {with.centred(0, 2, 1, "x"), with.centred(1, 3, 0, "weights")}, window_of(to.node()));
}

void matmul_integer(Rewriting& to) {
  const Arithmetic with(to);
  to.add_output(0, "MatMul", {with.centred(0, 2, -2, "a"), with.centred(1, 3, -1, "b")});
}

}  // namespace

bool is_quantized_operator(std::string_view op) { return std::ranges::find(kOperators, op) != kOperators.end(); }

void note_output_type(Node& node, const ElementTypes& types) {
  const bool linear = node.op == "QLinearConv" || node.op == "QLinearMatMul";
  if (node.op != "QuantizeLinear" && !linear) return;
  const std::size_t zero = linear ? 7 : 2;
  const auto found = zero < node.inputs.size() ? types.find(node.inputs[zero]) : types.end();
  if (found != types.end()) {
    node.attributes["output_dtype"] = std::int64_t{found->second};
  } else if (node.attribute("output_dtype", std::int64_t{0}) == 0) {
    node.attributes["output_dtype"] = std::int64_t{TensorProto::UINT8};
  }
}

Tensor quantized(const Node& node, std::span<const Tensor* const> inputs) {
  const Parameters by = parameters(node, inputs);
  const Range bounds = range(node);
  const std::vector<float> x = floats_of(*inputs[0]);
  std::vector<std::int64_t> result(x.size());
  each(inputs[0]->shape, by.scale, [&](std::size_t i, std::size_t c) {
    const float whole = std::nearbyint(x[i] / by.scale.floats()[c]) + by.zero.floats()[c];
    if (std::isnan(whole)) invalid(node, "has the scale 0");
    result[i] = static_cast<std::int64_t>(std::clamp(whole, bounds.low, bounds.high));
  });
  return Tensor(inputs[0]->shape, std::move(result));
}

Tensor dequantized(const Node& node, std::span<const Tensor* const> inputs) {
  const Parameters by = parameters(node, inputs);
  Tensor result(inputs[0]->shape, floats_of(*inputs[0]));
  each(result.shape, by.scale, [&](std::size_t i, std::size_t c) {
    result.floats()[i] = (result.floats()[i] - by.zero.floats()[c]) * by.scale.floats()[c];
  });
  return result;
}

void rewrite_quantized(Rewriting& to) {
  constexpr std::array kRewrite = {quantize,       dequantize,   quantize_dynamically, qlinear_conv,
                                   qlinear_matmul, conv_integer, matmul_integer};
  const auto at = std::ranges::find(kOperators, to.node().op) - kOperators.begin();
  constexpr std::array<std::size_t, 7> kNeeded = {2, 2, 1, 8, 8, 2, 2};
  for (std::size_t i = 0; i < kNeeded[static_cast<std::size_t>(at)]; ++i) to.shape(i);  // Throws if one is absent.
  kRewrite[static_cast<std::size_t>(at)](to);
}

}  // namespace einet::graph
