#include "exec/steps/build.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "einet/error.h"
#include "exec/forms/choice.h"
#include "exec/kernels/activation.h"
#include "exec/kernels/bf16.h"
#include "exec/kernels/convolution.h"
#include "exec/kernels/finish.h"
#include "exec/kernels/int8.h"
#include "exec/kernels/normalize.h"
#include "exec/kernels/pointwise.h"
#include "exec/kernels/rearrange.h"
#include "exec/kernels/rows.h"
#include "exec/kernels/scalar.h"
#include "exec/kernels/window.h"
#include "exec/onednn/convolution_shape.h"
#include "exec/onednn/int8_layer.h"
#include "exec/onednn/layer.h"
#include "exec/onednn/primitives.h"
#include "exec/threads.h"
#include "exec/xnnpack/layer.h"

namespace einet::exec {
namespace {

using Dims = dnnl::memory::dims;

std::vector<float> padded(std::vector<float> values) {
  values.resize((values.size() + kPanel - 1) / kPanel * kPanel, 0.0f);
  return values;
}

// The same for rows, as images of one pixel.
Convolution as_convolution(const Linear& linear) {
  return {.window = {{1, 1}, {1, 1}, {1, 1}, {0, 0}, {0, 0}, {1, 1}},
          .groups = 1,
          .weights = graph::Tensor({linear.outputs, linear.inputs, 1, 1}, linear.weights),
          .bias = linear.bias};
}

class StepBuilder {
 public:
  StepBuilder(const PlacedOperation& placed, const std::vector<Value>& values, const MemoryPlan& plan,
              WeightStore& weights, int threads)
      : placed_(placed), values_(values), plan_(plan), weights_(weights), threads_(threads) {
    step_.node = placed.operation.node;
  }

  Step build() && {
    std::visit([this](const auto& kind) { add(kind); }, placed_.operation.kind);
    return std::move(step_);
  }

 private:
  std::int64_t offset(const View& view) const {
    return plan_.offsets[static_cast<std::size_t>(view.buffer)] / static_cast<std::int64_t>(sizeof(float)) +
           view.offset;
  }

  // A location that becomes rows when the arena is known.
  struct Operand {
    std::int64_t offset, stride;
    Source source(const float* arena) const { return {arena + offset, stride}; }
    Target target(float* arena) const { return {arena + offset, stride}; }
  };
  Operand in(std::size_t i = 0) const { return {offset(placed_.inputs[i]), placed_.inputs[i].stride}; }
  Operand out() const { return {offset(placed_.output), placed_.output.stride}; }
  Extent extent() const { return {placed_.output.pixels, placed_.output.channels}; }
  Clamp clamp() const { return {placed_.operation.activation.low(), placed_.operation.activation.high()}; }
  const Value& input() const { return values_[placed_.operation.inputs[0]]; }
  const graph::Shape& input_shape() const { return values_[placed_.operation.inputs[0]].shape; }
  const graph::Shape& output_shape() const { return values_[placed_.operation.output].shape; }

  template <class Run>
  void kernel(const char* name, Run run) {
    step_.implementation = std::string("einet:") + name;
    step_.kernel = std::move(run);
  }

  // Weights in the layout of the primitive.
  dnnl::memory weights(const Primitive& made, const std::vector<float>& values, const Dims& shape,
                       dnnl::memory::format_tag tag) {
    return constant(made.weights, {shape, dnnl::memory::data_type::f32, tag}, values, weights_);
  }

  // `bias` of any shape.
  void primitive(Primitive made, dnnl::memory weights, const std::vector<float>& bias) {
    Constants constants{{DNNL_ARG_WEIGHTS, std::move(weights)},
                        {DNNL_ARG_BIAS, constant(made.bias, made.bias, bias, weights_)}};
    std::vector<Argument> arguments{{DNNL_ARG_SRC, made.source, offset(placed_.inputs[0])},
                                    {DNNL_ARG_DST, made.target, offset(placed_.output)}};
    if (made.complete && placed_.residual.buffer >= 0) {
      arguments.push_back({DNNL_ARG_ATTR_MULTIPLE_POST_OP(0) | DNNL_ARG_SRC_1, made.target, offset(placed_.residual)});
    }
    step_.implementation = made.implementation;
    const bool complete = made.complete;
    step_.layer = make_layer(std::move(made), std::move(arguments), std::move(constants));
    if (!complete) finish_after_primitive();
  }

  PostOps post_ops() const { return {placed_.residual.buffer >= 0, placed_.operation.activation}; }

  // For a primitive without post-ops; its target and the residual have no gaps, whatever their form.
  void finish_after_primitive() {
    step_.implementation += ", einet:finish";
    const bool bf16 = values_[placed_.operation.output].form == Form::kBf16;
    step_.kernel = bf16 ? finishing<std::uint16_t>() : finishing<float>();
  }

  template <class Element>
  std::function<void(float*)> finishing() const {
    const std::int64_t elements = extent().pixels * extent().channels;
    constexpr std::int64_t kPiece = 1024;  // Whole vectors.
    const int threads = elements < kElementsWorthSharing ? 1 : threads_;
    const PostOps rest = post_ops();
    const std::int64_t added = rest.residual ? offset(placed_.residual) : 0;
    return [=, y = offset(placed_.output)](float* arena) {
      Element* const to = reinterpret_cast<Element*>(arena + y);
      const Element* const plus = rest.residual ? reinterpret_cast<const Element*>(arena + added) : nullptr;
      share(threads, (elements + kPiece - 1) / kPiece, [&](std::int64_t first, std::int64_t count) {
        const std::int64_t begin = first * kPiece, size = std::min(count * kPiece, elements - begin);
        finish(rest.activation, plus == nullptr ? nullptr : plus + begin, to + begin, size);
      });
    };
  }

  void add(const Convolution& conv) {
    const bool strided = !placed_.inputs[0].dense() || !placed_.output.dense();
    if (input().form == Form::kInt8) return in_bytes();
    if (placed_.operation.method == Algorithm::kStreamed) return convolve(conv);
    if (placed_.operation.method == Algorithm::kXnnpack) return with_xnnpack(conv, input_shape());
    if (strided || placed_.operation.method == Algorithm::kOwn) {
      return multiply(conv.weights.shape[1], conv.weights.shape[0], conv.weights.floats(), conv.bias);
    }
    const ConvolutionShape shape = convolution_shape(conv, input_shape(), output_shape());
    const Form source = input().form, target = values_[placed_.operation.output].form;
    ConvolutionForm form{.block = source == Form::kBlocked ? block_channels() : 0,
                         .source_bf16 = source == Form::kBf16,
                         .target_bf16 = target == Form::kBf16,
                         .winograd = placed_.operation.method == Algorithm::kWinograd,
                         .bare = has_separate_activation()};
    const auto make = [&] { return make_convolution(cpu(), shape, form, post_ops()); };
    Primitive made;
    try {
      made = make();
    } catch (const dnnl::error&) {
      if (!form.winograd) throw;
      form.winograd = false;  // It was chosen on another machine or by another version.
      made = make();
    }
    auto packed = weights(made, conv.weights.floats(), shape.weights, weight_order(conv));
    primitive(std::move(made), std::move(packed), conv.bias);
  }

  void in_bytes() {
    const bool adds = placed_.residual.buffer >= 0;
    const Value& output = values_[placed_.operation.output];
    const auto grid = [](const Value& value) { return value.form == Form::kInt8 ? value.grid : std::nullopt; };
    const Int8Form form{*input().grid, adds, adds ? grid(values_[placed_.operation.residual]) : std::nullopt,
                        grid(output)};
    const Int8Places places{offset(placed_.inputs[0]), adds ? offset(placed_.residual) : 0, offset(placed_.output)};
    MadeLayer made = make_int8_layer(placed_.operation, input_shape(), output.shape, form, places, weights_);
    step_.layer = std::move(made.layer);
    step_.implementation = std::move(made.implementation);
  }

  // A bfloat16 result would be rounded before the activation.
  bool has_separate_activation() const {
    return placed_.operation.activation.is_transcendental() && placed_.operation.method != Algorithm::kFused &&
           values_[placed_.operation.output].form != Form::kBf16;
  }

  void convolve(const Convolution& conv) {
    const auto product = std::make_shared<const StreamedConvolution>(conv, input_shape(), weights_);
    const Activation activation = placed_.operation.activation;
    const View& added = placed_.residual;
    const bool with_residual = added.buffer >= 0;
    const Operand residual{with_residual ? offset(added) : 0, added.stride};
    kernel("streamed", [=, threads = threads_, x = in(), y = out(), e = extent(), c = clamp()](float* arena) {
      const Source plus{with_residual ? arena + residual.offset : nullptr, residual.stride};
      share(threads, product->pieces(), [&](std::int64_t first, std::int64_t count) {
        product->run(x.source(arena), plus, y.target(arena), first, count, c);
      });
      if (!activation.is_clamp()) activate_rows(activation, y.source(arena), y.target(arena), e);
    });
  }

  // A residual, and an activation other than a clamp, are separate.
  void with_xnnpack(const Convolution& conv, const graph::Shape& images) {
    const Activation activation = placed_.operation.activation;
    const View& added = placed_.residual;
    const bool with_residual = added.buffer >= 0;
    const Clamp first = with_residual ? Clamp{Activation{}.low(), Activation{}.high()} : clamp();
    const Operand x = in(), y = out();
    step_.layer =
        make_xnnpack_layer(conv, images, {x.offset, x.stride}, {y.offset, y.stride}, first, threads_, weights_);
    step_.implementation = "xnnpack";
    if (!with_residual && activation.is_clamp()) return;
    step_.implementation += ", einet:finish";
    const Extent e = extent();
    const int threads = e.pixels * e.channels < kElementsWorthSharing ? 1 : threads_;
    const Operand residual{with_residual ? offset(added) : 0, added.stride};
    step_.kernel = [=, c = clamp()](float* arena) {
      share(threads, e.pixels, [&](std::int64_t from, std::int64_t count) {
        const Target to{arena + y.offset + from * y.stride, y.stride};
        const Source result{to.data, to.stride};
        const Source plus{arena + residual.offset + from * residual.stride, residual.stride};
        if (with_residual) add_rows(result, plus, to, {count, e.channels}, c);
        if (!activation.is_clamp()) activate_rows(activation, result, to, {count, e.channels});
      });
    };
  }

  void multiply(std::int64_t inputs, std::int64_t outputs, const std::vector<float>& weights,
                const std::vector<float>& bias) {
    const auto multiply = std::make_shared<const Pointwise>(inputs, outputs, weights, bias, weights_);
    const Activation activation = placed_.operation.activation;
    const int threads = extent().pixels * inputs * outputs < kMacsWorthSharing ? 1 : threads_;
    kernel("pointwise", [=, x = in(), y = out(), e = extent(), c = clamp()](float* arena) {
      share(threads, e.pixels, [&](std::int64_t first, std::int64_t count) {
        const Target target{arena + y.offset + first * y.stride, y.stride};
        multiply->run({arena + x.offset + first * x.stride, x.stride}, target, count, c);
        if (!activation.is_clamp()) activate_rows(activation, {target.data, y.stride}, target, {count, e.channels});
      });
    });
  }

  void add(const Linear& linear) {
    if (input().form == Form::kInt8) return in_bytes();
    const bool bf16 = input().form == Form::kBf16;
    const auto with_own_kernel = [&] { multiply(linear.inputs, linear.outputs, linear.weights, linear.bias); };
    if (placed_.operation.method == Algorithm::kXnnpack) {
      return with_xnnpack(as_convolution(linear), {input_shape()[0], linear.inputs, 1, 1});
    }
    // The usual last layer, for which calling oneDNN takes longer than the computation.
    if (!bf16 && (linear.outputs <= kPanel || placed_.operation.method == Algorithm::kOwn)) return with_own_kernel();
    Primitive made = make_inner_product(cpu(), input_shape()[0], linear.inputs, linear.outputs, bf16, post_ops());
    // oneDNN's plain matrix product packs the weights in every call, into memory from the heap.
    if (!bf16 && made.implementation.find("gemm:") != std::string::npos) {
      if (!multiply_packed(linear)) with_own_kernel();
      return;
    }
    auto packed = weights(made, linear.weights, {linear.outputs, linear.inputs}, dnnl::memory::format_tag::oi);
    primitive(std::move(made), std::move(packed), linear.bias);
  }

  // From 16 rows up, the matrix product with packed weights is 3 to 24 % faster than ours, if the processor supports
  // it.
  bool multiply_packed(const Linear& linear) {
    constexpr std::int64_t kManyRows = 16;
    if (input_shape()[0] < kManyRows) return false;
    Primitive made = make_matmul(cpu(), input_shape()[0], linear.inputs, linear.outputs, post_ops());
    if (!made.implementation.starts_with("brg:")) return false;
    auto packed = weights(made, linear.weights, {linear.inputs, linear.outputs}, dnnl::memory::format_tag::ba);
    primitive(std::move(made), std::move(packed), linear.bias);
    return true;
  }

  void add(const Pool& pool) {
    if (input().form == Form::kInt8) {
      const bool is_signed = input().grid->low < 0;
      return kernel("pool_int8", [=, x = in(), y = out(), shape = input_shape()](float* arena) {
        max_pool_bytes(pool, arena + x.offset, shape[0], shape[2], shape[3], arena + y.offset, shape[1], is_signed);
      });
    }
    if (input().form == Form::kBf16) {
      const bool to_bf16 = values_[placed_.operation.output].form == Form::kBf16;
      return kernel("pool_bf16", [=, x = in(), y = out(), shape = input_shape(), c = clamp()](float* arena) {
        pool_rows_bf16(pool, arena + x.offset, shape[0], shape[2], shape[3], arena + y.offset, to_bf16, shape[1], c);
      });
    }
    if (input().form == Form::kBlocked) {
      // Each block of channels is treated as one image.
      const std::int64_t block = block_channels(), images = input_shape()[0] * input_shape()[1] / block;
      return kernel("pool_blocked", [=, x = in(), y = out(), shape = input_shape(), c = clamp()](float* arena) {
        pool_rows(pool, {arena + x.offset, block}, images, shape[2], shape[3], {arena + y.offset, block}, block, c);
      });
    }
    kernel("pool", [=, x = in(), y = out(), shape = input_shape(), c = clamp()](float* arena) {
      pool_rows(pool, x.source(arena), shape[0], shape[2], shape[3], y.target(arena), shape[1], c);
    });
  }

  void add(const Lrn& lrn) {
    kernel("lrn", [=, x = in(), y = out(), e = extent(), c = clamp()](float* arena) {
      lrn_rows(lrn, x.source(arena), y.target(arena), e, c);
    });
  }

  void add(const Affine& affine) {
    const auto scale = padded(affine.scale), shift = padded(affine.shift);
    kernel("affine", [=, x = in(), y = out(), e = extent(), c = clamp()](float* arena) {
      affine_rows(x.source(arena), scale.data(), shift.data(), y.target(arena), e, c);
    });
  }

  void add(const Binary& binary) {
    static constexpr std::array kRows = {add_rows,   subtract_rows, multiply_rows, divide_rows,
                                         slope_rows, power_rows,    largest_rows,  smallest_rows};
    const auto rows = [kind = binary.kind](Source a, Source b, Target y, Extent e, Clamp c) {
      kind < kRows.size() ? kRows[kind](a, b, y, e, c) : combine_rows(kind, a, b, y, e, c);
    };
    const std::int64_t repeated = placed_.output.pixels / placed_.inputs[1].pixels;  // Pixels for each row of b.
    if (repeated == 1) {
      return kernel("binary", [=, a = in(0), b = in(1), y = out(), e = extent(), c = clamp()](float* arena) {
        rows(a.source(arena), b.source(arena), y.target(arena), e, c);
      });
    }
    kernel("binary", [=, a = in(0), b = in(1), y = out(), e = extent(), c = clamp()](float* arena) {
      Source left = a.source(arena);
      Target to = y.target(arena);
      for (std::int64_t p = 0; p < e.pixels; p += repeated) {
        rows(left, {b.source(arena).data + p / repeated * b.stride, 0}, to, {repeated, e.channels}, c);
        left.data += repeated * left.stride;
        to.data += repeated * to.stride;
      }
    });
  }

  void add(const Where&) {
    kernel("where", [c = in(0), a = in(1), b = in(2), y = out(), e = extent()](float* arena) {
      choose_rows(c.source(arena), a.source(arena), b.source(arena), y.target(arena), e);
    });
  }

  void add(const Elementwise&) {
    kernel("activation", [x = in(), y = out(), e = extent(), a = placed_.operation.activation](float* arena) {
      activate_rows(a, x.source(arena), y.target(arena), e);
    });
  }

  void add(const Softmax& softmax) {
    kernel("softmax", [x = in(), y = out(), e = extent(), logarithm = softmax.logarithm](float* arena) {
      softmax_rows(x.source(arena), y.target(arena), e, logarithm);
    });
  }

  void add(const Normalization& normalization) {
    // The last vector of a group may begin at any channel.
    auto scale = normalization.scale, shift = normalization.shift;
    for (auto* values : {&scale, &shift}) values->resize(values->size() + kPanel, 0.0f);
    const GroupStatistics statistics{input().area(), normalization.groups, normalization.epsilon};
    kernel("normalization", [=, x = in(), y = out(), e = extent()](float* arena) {
      normalize_rows(statistics, x.source(arena), scale.data(), shift.data(), y.target(arena), e);
    });
  }

  void add(const Rearrange& order) {
    const auto ready = std::make_shared<const Rearrangement>(order);
    kernel("rearrange",
           [=, x = in(), y = out()](float* arena) { ready->run(x.source(arena).data, y.target(arena).data); });
  }

  void add(const Interpolation& interpolation) {
    const auto kept = std::make_shared<const Interpolation>(interpolation);
    kernel("interpolation",
           [=, x = in(), y = out()](float* arena) { interpolate(*kept, x.source(arena).data, y.target(arena).data); });
  }

  void add(const Literal& literal) {
    const auto values = std::make_shared<const std::vector<float>>(literal.values);
    kernel("constant", [=, y = out(), e = extent()](float* arena) {
      copy_rows({values->data(), e.channels}, y.target(arena), e);
    });
  }

  void add(const RowReduction& reduction) {
    kernel("reduction", [=, kind = reduction.kind, x = in(), y = out(), from = placed_.inputs[0]](float* arena) {
      reduce_rows(kind, x.source(arena).data, y.target(arena).data, from.pixels, from.channels);
    });
  }

  void add(const Product& p) {
    // For less work, calling oneDNN takes as long as the computation.
    constexpr std::int64_t kWorthCalling = 4096;
    const auto matrices = static_cast<std::int64_t>(p.left.size());
    if (p.is_pairwise() && matrices * p.rows * p.inner * p.columns >= kWorthCalling) {
      Primitive made = make_product(cpu(), matrices, p.rows, p.inner, p.columns, p.right_turned);
      if (made.implementation.find("ref") == std::string::npos) return multiply_values(std::move(made));
    }
    const auto which = std::make_shared<const Product>(p);
    kernel("product", [=, a = in(0), b = in(1), y = out()](float* arena) {
      float* to = y.target(arena).data;
      const Product& p = *which;
      for (std::size_t i = 0; i < p.left.size(); ++i, to += p.rows * p.columns) {
        product(a.source(arena).data + p.left[i] * p.rows * p.inner,
                b.source(arena).data + p.right[i] * p.inner * p.columns, to, p);
      }
    });
  }

  void multiply_values(Primitive made) {
    step_.implementation = made.implementation;
    std::vector<Argument> arguments{{DNNL_ARG_SRC, made.source, offset(placed_.inputs[0])},
                                    {DNNL_ARG_WEIGHTS, made.weights, offset(placed_.inputs[1])},
                                    {DNNL_ARG_DST, made.target, offset(placed_.output)}};
    step_.layer = make_layer(std::move(made), std::move(arguments), {});
  }

  void add(const Quantize&) {
    const Value& output = values_[placed_.operation.output];
    if (output.form == Form::kInt8) return quantize(*output.grid);
    kernel("round", [x = in(), y = out(), e = extent(), grid = *output.grid](float* arena) {
      round_rows(x.source(arena), y.target(arena), e, grid);
    });
  }

  void quantize(const graph::Grid& grid) {
    kernel("quantize", [=, x = in(), y = out(), e = extent()](float* arena) {
      quantize_rows(x.source(arena), arena + y.offset, e, grid);
    });
  }

  void add(const Copy&) {
    kernel("copy",
           [x = in(), y = out(), e = extent()](float* arena) { copy_rows(x.source(arena), y.target(arena), e); });
  }

  void add(const Convert&) {
    const Form from = input().form, to = values_[placed_.operation.output].form;
    if (to == Form::kBf16) {
      return kernel("to_bf16", [x = in(), y = out(), e = extent()](float* arena) {
        to_bf16_rows(x.source(arena), reinterpret_cast<std::uint16_t*>(arena + y.offset), e);
      });
    }
    if (to == Form::kInt8) return quantize(*input().grid);  // Exact: all elements are values of the grid.
    if (from == Form::kInt8) {
      return kernel("dequantize", [x = in(), y = out(), e = extent(), grid = *input().grid](float* arena) {
        dequantize_rows(arena + x.offset, y.target(arena), e, grid);
      });
    }
    if (from == Form::kBf16) {
      return kernel("from_bf16", [x = in(), y = out(), e = extent()](float* arena) {
        from_bf16_rows(reinterpret_cast<const std::uint16_t*>(arena + x.offset), y.target(arena), e);
      });
    }
    const std::int64_t images = input_shape()[0], area = input().area(), channels = input().channels();
    const std::int64_t block = block_channels();
    kernel(to == Form::kBlocked ? "to_blocks" : "from_blocks",
           [=, x = in(), y = out(), blocked = to == Form::kBlocked](float* arena) {
             const Operand& rows = blocked ? x : y;
             const Operand& blocks = blocked ? y : x;
             for (std::int64_t n = 0; n < images; ++n) {
               for (std::int64_t c = 0; c < channels; c += block) {
                 float* wide = arena + rows.offset + n * area * rows.stride + c;
                 float* narrow = arena + blocks.offset + (n * channels + c) * area;
                 if (blocked) {
                   copy_rows({wide, rows.stride}, {narrow, block}, {area, block});
                 } else {
                   copy_rows({narrow, block}, {wide, rows.stride}, {area, block});
                 }
               }
             }
           });
  }

  void add(const Concat&) {
    throw Error(ErrorKind::kInternal, step_.node, "a concatenation was not replaced by the layout");
  }

  const PlacedOperation& placed_;
  const std::vector<Value>& values_;
  const MemoryPlan& plan_;
  WeightStore& weights_;
  int threads_;
  Step step_;
};

}  // namespace

Step build_step(const PlacedOperation& placed, const std::vector<Value>& values, const MemoryPlan& plan,
                WeightStore& weights, int threads) {
  try {
    return StepBuilder(placed, values, plan, weights, threads).build();
  } catch (const dnnl::error& error) {
    throw Error(ErrorKind::kUnsupported, "node '" + placed.operation.node + "'",
                std::string("oneDNN cannot run it: ") + error.what());
  }
}

}  // namespace einet::exec
