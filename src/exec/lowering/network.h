#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "graph/tensor.h"
#include "graph/window.h"

namespace einet::exec {

/// What is applied to every element of a result, last.
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
  /// Whether a few instructions do not compute it: a post-op of oneDNN may then be slower than a pass of its own.
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
  /// The bounds that make a clamp of it; infinite for those that are none.
  float low() const { return kind == kRelu ? 0.0f : kind == kClip ? alpha : -std::numeric_limits<float>::infinity(); }
  float high() const { return kind == kClip ? beta : std::numeric_limits<float>::infinity(); }
};

// What an operation computes. Weights are in ONNX's order.

struct Convolution {
  graph::WindowGeometry window;
  std::int64_t groups = 1;
  graph::Tensor weights;    ///< [M,C/groups,kh,kw]
  std::vector<float> bias;  ///< [M]
};
struct Linear {
  std::int64_t inputs = 0, outputs = 0;
  std::vector<float> weights;  ///< [outputs,inputs], inputs in the order in which the value lies in memory.
  std::vector<float> bias;     ///< [outputs]
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
/// Of two values of one shape; or the second is rows of as many channels, one for each image or one for all pixels.
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
/// Of three values of one shape: where the first is not 0, the second, else the third.
struct Where {};
/// The activation alone.
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
/// Along one dimension of [outer,inputs,inner], every element of the result is a weighted sum of a few of the input, or
/// `fill`.
struct Interpolation {
  std::int64_t outer = 1, inputs = 1, inner = 1;
  std::vector<std::vector<std::pair<std::int64_t, float>>> taps;  ///< [position in the result]: positions, weights.
  float fill = 0.0f;                                              ///< Where there are none.
};
/// Every element of the result is one of the input, or `fill`: transposing, slicing, padding, resizing, repeating.
struct Rearrange {
  /// Dimension by dimension of the result as it lies in memory, outermost first: where in the input each position
  /// reads, the sum over the dimensions being the element; graph::Selection::kFilled = nowhere.
  std::vector<std::vector<std::int64_t>> offsets;
  float fill = 0.0f;
};
/// A constant, in the order of its place in memory. No inputs.
struct Literal {
  std::vector<float> values;
};
/// One element of every row.
struct RowReduction {
  enum Kind { kMean, kSum, kMax, kMin, kProduct, kL1, kL2, kSquares, kLogSum, kLogSumExp } kind = kMean;
};
/// Matrix products of two values: [rows,inner] times [inner,columns], one for each pair of matrices.
struct Product {
  std::int64_t rows = 1, inner = 1, columns = 1;
  std::vector<std::int64_t> left, right;  ///< Which matrices of the inputs.
  bool right_turned = false;              ///< The right matrices lie as [columns,inner].

  /// Whether there are as many matrices on both sides, each for one product, in order.
  bool is_pairwise() const {
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (left[i] != static_cast<std::int64_t>(i) || right[i] != left[i]) return false;
    }
    return true;
  }
};
/// From one place to another; made by the layout.
struct Copy {};
/// From the form of the input to that of the output; made by assign_forms().
struct Convert {};

/// How a value lies in memory.
enum class Form {
  kPlain,    ///< float32, channels-last: [N,H,W,C].
  kBlocked,  ///< float32 in blocks of channels: [N,C/b,H,W,b], b = block_channels().
  kBf16,     ///< bfloat16, channels-last.
};

/// How a convolution or a fully connected layer is computed.
enum class Algorithm {
  kDefault,   ///< What is best as a rule (transcendental activations in a pass of their own); the only one of other
              ///< operations.
  kDirect,    ///< oneDNN's direct convolution or inner product.
  kWinograd,  ///< oneDNN's Winograd convolution: fewer multiplications, more memory.
  kOwn,       ///< The executor's own matrix product.
  kStreamed,  ///< The executor's own convolution, which streams its weights.
  kFused,     ///< kDirect with a transcendental activation as oneDNN's post-op.
};

using Kind = std::variant<Convolution, Linear, Pool, Lrn, Affine, Binary, Where, Elementwise, Concat, Softmax,
                          Rearrange, Literal, RowReduction, Normalization, Product, Interpolation, Copy, Convert>;

/// One value that the executor keeps, as its memory is read: images [N,C,H,W], in memory [N,H,W,C], or rows [M,F].
/// What shape and order of dimensions the graph gave to it is known to the lowering alone (Arrangement).
struct Value {
  std::string name;
  graph::Shape shape;
  /// The value whose memory this one shares under another shape; -1 = its own.
  int storage = -1;
  Form form = Form::kPlain;

  std::int64_t channels() const { return shape[1]; }
  std::int64_t area() const { return shape.size() == 4 ? shape[2] * shape[3] : 1; }
  std::int64_t pixels() const { return shape[0] * area(); }
  std::int64_t elements() const { return pixels() * channels(); }
};

/// One piece of work, with everything that was fused into it.
struct Operation {
  std::string node;  ///< Names of the graph's nodes, joined by '+'.
  int part = 0;      ///< 2*i: conv part i. 2*i+1: branch i.
  Kind kind;
  std::vector<int> inputs;  ///< Values.
  int output = -1;
  int residual = -1;  ///< Convolution only: a value added to the result, before the activation.
  Activation activation;
  Algorithm method = Algorithm::kDefault;
};

/// The network between the stages of compilation: operations in the order in which they run when nothing is skipped.
struct Network {
  std::vector<Value> values;
  std::vector<Operation> operations;
  int input = -1;
  std::vector<int> exits;  ///< Values, rows in ONNX's order.

  /// The value whose memory `value` lies in.
  int storage(int value) const {
    while (values[value].storage >= 0) value = values[value].storage;
    return value;
  }
};

}  // namespace einet::exec
