#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "graph/quantized.h"
#include "graph/tensor.h"
#include "graph/window.h"

namespace einet::exec {

/// Applied to every element of a result as the last step.
struct Activation {
  enum Kind {
    kNone,
    kRelu,
    kLeakyRelu,
    kClip,
    kSigmoid,
    kTanh,
    kElu,
    kHardSigmoid,
    kHardSwish,
    kSwish,
    kGelu,
    kGeluTanh,
    kMish,
    kErf,
    kExp,
    kLog,
    kSqrt,
    kAbs,
    kReciprocal,
    kSoftplus,
    kSquare,
    kPower,
    kFloor,
    kCeil,
    kRound,
    kSign,
    kSin,
    kCos,
    kNot
  } kind = kNone;
  /// Slope below zero (kLeakyRelu), factor (kElu, kHardSigmoid; kSwish: of the sigmoid's argument), lower bound (kClip)
  /// or exponent (kPower).
  float alpha = 0.0f;
  float beta = 0.0f;  ///< Upper bound (kClip) or summand (kHardSigmoid).

  bool is_clamp() const { return kind == kNone || kind == kRelu || kind == kClip; }
  /// Whether convolutions and fully connected layers apply it to their results.
  bool is_post_op() const { return kind <= kMish; }
  /// Whether it takes many instructions, so that a separate pass may be faster than a post-op of oneDNN.
  bool is_transcendental() const {
    switch (kind) {
      case kSigmoid:
      case kTanh:
      case kElu:
      case kSwish:
      case kGelu:
      case kGeluTanh:
      case kMish:
        return true;
      default:
        return false;
    }
  }
  /// The bounds of an activation that is a clamp; infinite for others.
  float low() const { return kind == kRelu ? 0.0f : kind == kClip ? alpha : -std::numeric_limits<float>::infinity(); }
  float high() const { return kind == kClip ? beta : std::numeric_limits<float>::infinity(); }
};

// The kinds of operations. Weights are in ONNX's order.

struct Convolution {
  graph::WindowGeometry window;
  std::int64_t groups = 1;
  graph::Tensor weights;    ///< [M,C/groups,kh,kw]
  std::vector<float> bias;  ///< [M]
  /// [M]: every weight of output channel m is an integer of 8 bits times scales[m]; empty if they are not quantised.
  std::vector<float> scales = {};
};
struct Linear {
  std::int64_t inputs = 0, outputs = 0;
  std::vector<float> weights;      ///< [outputs,inputs], inputs in the memory order of the value.
  std::vector<float> bias;         ///< [outputs]
  std::vector<float> scales = {};  ///< [outputs], like Convolution::scales.
};
struct Pool {
  enum Kind { kMax, kAverage } kind = kMax;
  graph::WindowGeometry window;
  bool include_padding = false;
};
struct Lrn {
  std::int64_t size = 1;
  float alpha = 0.0f, beta = 0.0f, bias = 0.0f;
};
/// y = scale * x + shift, per channel.
struct Affine {
  std::vector<float> scale, shift;
};
/// On two values of equal shape; or the second is rows with as many channels, one for each image or one for all pixels.
struct Binary {
  enum Kind {
    kAdd,
    kSub,
    kMul,
    kDiv,
    kPrelu,
    kPow,
    kMax,
    kMin,
    kMod,
    kFmod,
    kEqual,
    kGreater,
    kGreaterOrEqual,
    kLess,
    kLessOrEqual,
    kAnd,
    kOr,
    kXor
  } kind = kAdd;  ///< kPrelu: the second is the slope below zero. kMod: the result has the sign of the second.
};
/// On three values of equal shape: the second where the first is not 0, otherwise the third.
struct Where {};
/// Only the activation.
struct Elementwise {};
struct Concat {};
/// Over the channels.
struct Softmax {
  bool logarithm = false;  ///< Of the result.
};
/// Layer, group and instance normalisation: mean 0 and variance 1 over each group of channels of each image (or row),
/// then one scale and shift per channel.
struct Normalization {
  std::int64_t groups = 1;
  float epsilon = 0.0f;
  std::vector<float> scale, shift;
};
/// Along one dimension of [outer,inputs,inner], every element of the result is a weighted sum of a few input elements,
/// or `fill`.
struct Interpolation {
  std::int64_t outer = 1, inputs = 1, inner = 1;
  std::vector<std::vector<std::pair<std::int64_t, float>>> taps;  ///< [position in the result]: positions, weights.
  float fill = 0.0f;                                              ///< For positions without taps.
};
/// Every element of the result is an element of the input, or `fill`: transposing, slicing, padding, resizing,
/// repeating.
struct Rearrange {
  /// For each dimension of the result in memory order, outermost first: the offset of each position in the input. The
  /// sum over the dimensions is the element's offset; graph::Selection::kFilled = no element.
  std::vector<std::vector<std::int64_t>> offsets;
  float fill = 0.0f;
};
/// A constant, in memory order. No inputs.
struct Literal {
  std::vector<float> values;
};
/// Reduces every row to one element.
struct RowReduction {
  enum Kind { kMean, kSum, kMax, kMin, kProduct, kL1, kL2, kSquares, kLogSum, kLogSumExp } kind = kMean;
};
/// Matrix products of two values: [rows,inner] times [inner,columns], one for each pair of matrices.
struct Product {
  std::int64_t rows = 1, inner = 1, columns = 1;
  std::vector<std::int64_t> left, right;  ///< The matrices of the inputs to multiply, by product.
  bool right_turned = false;              ///< The right matrices are stored as [columns,inner].

  /// Whether both sides have the same number of matrices, each used in one product, in order.
  bool is_pairwise() const {
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (left[i] != static_cast<std::int64_t>(i) || right[i] != left[i]) return false;
    }
    return true;
  }
};
/// Rounds every element to the nearest value of the result's grid.
struct Quantize {};
/// From one location to another; inserted by the layout.
struct Copy {};
/// From the form of the input to that of the output; inserted by assign_forms().
struct Convert {};

/// How a value is stored.
enum class Form {
  kPlain,    ///< float32, channels-last: [N,H,W,C].
  kBlocked,  ///< float32 in blocks of channels: [N,C/b,H,W,b], b = block_channels().
  kBf16,     ///< bfloat16, channels-last.
  kInt8,     ///< The integers of the value's grid as bytes, channels-last.
};

/// How a convolution or a fully connected layer is computed.
enum class Algorithm {
  kDefault,   ///< Usually the best (with a separate pass for a transcendental activation); the only one for other
              ///< operations.
  kDirect,    ///< oneDNN's direct convolution or inner product.
  kWinograd,  ///< oneDNN's Winograd convolution: fewer multiplications, more memory.
  kOwn,       ///< The executor's own matrix product.
  kStreamed,  ///< The executor's own convolution, which streams its weights.
  kFused,     ///< kDirect with a transcendental activation as oneDNN's post-op.
  kXnnpack,   ///< XNNPACK's convolution.
};

using Kind =
    std::variant<Convolution, Linear, Pool, Lrn, Affine, Binary, Where, Elementwise, Concat, Softmax, Rearrange,
                 Literal, RowReduction, Normalization, Product, Interpolation, Quantize, Copy, Convert>;

/// A value of the executor, in the shape of its memory: images [N,C,H,W], stored as [N,H,W,C], or rows [M,F]. Only the
/// lowering uses the shape and the order of dimensions that it has in the graph (Arrangement).
struct Value {
  std::string name;
  graph::Shape shape;
  /// The value whose memory this one shares with another shape; -1 = it has its own.
  int storage = -1;
  Form form = Form::kPlain;
  /// If every element is one of the values of a grid.
  std::optional<graph::Grid> grid = {};

  std::int64_t channels() const { return shape[1]; }
  std::int64_t area() const { return shape.size() == 4 ? shape[2] * shape[3] : 1; }
  std::int64_t pixels() const { return shape[0] * area(); }
  std::int64_t elements() const { return pixels() * channels(); }
};

/// An operation, with everything that was fused into it.
struct Operation {
  std::string node;  ///< Names of the graph's nodes, joined by '+'.
  int part = 0;      ///< 2*i: conv part i. 2*i+1: branch i.
  Kind kind;
  std::vector<int> inputs;  ///< Values.
  int output = -1;
  int residual = -1;  ///< Convolution only: a value added to the result, before the activation.
  Activation activation;
  Algorithm method = Algorithm::kDefault;
  bool rounds = false;  ///< The result, after the activation, is rounded to the grid of the output.
};

/// The network between the stages of compilation: operations in the order of execution if no branch is skipped.
struct Network {
  std::vector<Value> values;
  std::vector<Operation> operations;
  int input = -1;
  std::vector<int> exits;  ///< Values, rows in ONNX's order.

  /// The value that owns the memory of `value`.
  int storage(int value) const {
    while (values[value].storage >= 0) value = values[value].storage;
    return value;
  }
};

}  // namespace einet::exec
