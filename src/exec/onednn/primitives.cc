// Creates primitives with oneDNN 2.6 and later (an operation descriptor, then a primitive descriptor) and 3.x (directly
// a primitive descriptor). The code for 3.x compiles against the headers of 3.8 with GCC 12 and clang 14; everything is
// built and tested with 2.6.3, which Debian 12 has.

#include "exec/onednn/primitives.h"

#include "einet/error.h"
#include "exec/onednn/attributes.h"

namespace einet::exec {
namespace {

using dnnl::memory;
constexpr auto kFloat = memory::data_type::f32;

memory::data_type type(bool bf16) { return bf16 ? memory::data_type::bf16 : kFloat; }

void append(dnnl::post_ops& operations, dnnl::algorithm algorithm, float alpha, float beta) {
#if DNNL_VERSION_MAJOR >= 3
  operations.append_eltwise(algorithm, alpha, beta);
#else
  operations.append_eltwise(1.0f, algorithm, alpha, beta);
#endif
}

}  // namespace

void append(dnnl::post_ops& operations, const Activation& activation) {
  switch (activation.kind) {
    case Activation::kNone:
      return;
    case Activation::kRelu:
      return append(operations, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
    case Activation::kLeakyRelu:
      return append(operations, dnnl::algorithm::eltwise_relu, activation.alpha, 0.0f);
    case Activation::kClip:
      return append(operations, dnnl::algorithm::eltwise_clip, activation.alpha, activation.beta);
    case Activation::kSigmoid:
      return append(operations, dnnl::algorithm::eltwise_logistic, 0.0f, 0.0f);
    case Activation::kTanh:
      return append(operations, dnnl::algorithm::eltwise_tanh, 0.0f, 0.0f);
    case Activation::kElu:
      return append(operations, dnnl::algorithm::eltwise_elu, activation.alpha, 0.0f);
    case Activation::kHardSigmoid:
      append(operations, dnnl::algorithm::eltwise_linear, activation.alpha, activation.beta);
      return append(operations, dnnl::algorithm::eltwise_clip, 0.0f, 1.0f);
    case Activation::kHardSwish:  // oneDNN 3 has parameters for the two numbers, which are fixed in 2.
      return append(operations, dnnl::algorithm::eltwise_hardswish, 1.0f / 6.0f, 0.5f);
    case Activation::kSwish:
      return append(operations, dnnl::algorithm::eltwise_swish, activation.alpha, 0.0f);
    case Activation::kGelu:
      return append(operations, dnnl::algorithm::eltwise_gelu_erf, 0.0f, 0.0f);
    case Activation::kGeluTanh:
      return append(operations, dnnl::algorithm::eltwise_gelu_tanh, 0.0f, 0.0f);
    case Activation::kMish:
      return append(operations, dnnl::algorithm::eltwise_mish, 0.0f, 0.0f);
    case Activation::kErf:
    case Activation::kExp:
    case Activation::kLog:
    case Activation::kSqrt:
    case Activation::kAbs:
    case Activation::kReciprocal:
    case Activation::kSoftplus:
    case Activation::kSquare:
    case Activation::kPower:
    case Activation::kFloor:
    case Activation::kCeil:
    case Activation::kRound:
    case Activation::kSign:
    case Activation::kSin:
    case Activation::kCos:
    case Activation::kNot:
      throw Error(ErrorKind::kInternal, "oneDNN", "was given an activation that is not a post-operation");
  }
}

namespace {

dnnl::primitive_attr attributes(const PostOps& post_ops, const memory::desc& target) {
  dnnl::post_ops operations;
  if (post_ops.residual) operations.append_binary(dnnl::algorithm::binary_add, target);
  append(operations, post_ops.activation);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_post_ops(operations);
  return attributes;
}

template <class Forward, class Make>
Primitive make_bare(const Make& make) {
  Primitive bare = made_from<Forward>(make(PostOps{}));
  bare.complete = false;
  return bare;
}

// `make` describes the primitive with the given post-ops. Without any, the implementation may be a different one.
template <class Forward, class Make>
Primitive make_verified(const Make& make, const PostOps& post_ops) {
  const auto description = make(post_ops);
  if (are_verified(post_ops, description.impl_info_str())) return made_from<Forward>(description);
  return make_bare<Forward>(make);
}

}  // namespace

Primitive make_convolution(const dnnl::engine& engine, const ConvolutionShape& shape, const ConvolutionForm& form,
                           const PostOps& post_ops) {
  const auto tag = form.block == 0   ? memory::format_tag::nhwc
                   : form.block == 8 ? memory::format_tag::nChw8c
                                     : memory::format_tag::nChw16c;
  const memory::desc source(shape.source, type(form.source_bf16), tag);
  const memory::desc weights(shape.weights, type(form.source_bf16), memory::format_tag::any);
  const memory::desc bias({shape.target[1]}, kFloat, memory::format_tag::a);
  const memory::desc target(shape.target, type(form.target_bf16), tag);
  constexpr auto kKind = dnnl::prop_kind::forward_inference;
  const auto algorithm = form.winograd ? dnnl::algorithm::convolution_winograd : dnnl::algorithm::convolution_direct;
  const auto describe = [&](const PostOps& fused) {
    const dnnl::primitive_attr attr = attributes(fused, target);
#if DNNL_VERSION_MAJOR >= 3
    return dnnl::convolution_forward::primitive_desc(engine, kKind, algorithm, source, weights, bias, target,
                                                     shape.strides, shape.dilations, shape.pads_begin, shape.pads_end,
                                                     attr);
#else
    return dnnl::convolution_forward::primitive_desc(
        dnnl::convolution_forward::desc(kKind, algorithm, source, weights, bias, target, shape.strides, shape.dilations,
                                        shape.pads_begin, shape.pads_end),
        attr, engine);
#endif
  };
  if (form.bare && !post_ops.empty()) return make_bare<dnnl::convolution_forward>(describe);
  return make_verified<dnnl::convolution_forward>(describe, post_ops);
}

Primitive make_inner_product(const dnnl::engine& engine, std::int64_t batch, std::int64_t inputs, std::int64_t outputs,
                             bool bf16, const PostOps& post_ops) {
  const memory::desc source({batch, inputs}, type(bf16), memory::format_tag::nc);
  const memory::desc weights({outputs, inputs}, type(bf16), memory::format_tag::any);
  const memory::desc bias({outputs}, kFloat, memory::format_tag::a);
  const memory::desc target({batch, outputs}, kFloat, memory::format_tag::nc);
  constexpr auto kKind = dnnl::prop_kind::forward_inference;
  const auto describe = [&](const PostOps& fused) {
    const dnnl::primitive_attr attr = attributes(fused, target);
#if DNNL_VERSION_MAJOR >= 3
    return dnnl::inner_product_forward::primitive_desc(engine, kKind, source, weights, bias, target, attr);
#else
    return dnnl::inner_product_forward::primitive_desc(
        dnnl::inner_product_forward::desc(kKind, source, weights, bias, target), attr, engine);
#endif
  };
  return make_verified<dnnl::inner_product_forward>(describe, post_ops);
}

Primitive make_matmul(const dnnl::engine& engine, std::int64_t rows, std::int64_t inputs, std::int64_t outputs,
                      const PostOps& post_ops) {
  const memory::desc source({rows, inputs}, kFloat, memory::format_tag::ab);
  const memory::desc weights({inputs, outputs}, kFloat, memory::format_tag::any);
  const memory::desc bias({1, outputs}, kFloat, memory::format_tag::ab);
  const memory::desc target({rows, outputs}, kFloat, memory::format_tag::ab);
  const auto describe = [&](const PostOps& fused) {
    const dnnl::primitive_attr attr = attributes(fused, target);
#if DNNL_VERSION_MAJOR >= 3
    return dnnl::matmul::primitive_desc(engine, source, weights, bias, target, attr);
#else
    return dnnl::matmul::primitive_desc(dnnl::matmul::desc(source, weights, bias, target), attr, engine);
#endif
  };
  return make_verified<dnnl::matmul>(describe, post_ops);
}

Primitive make_product(const dnnl::engine& engine, std::int64_t matrices, std::int64_t rows, std::int64_t inner,
                       std::int64_t columns, bool right_turned) {
  using Tag = memory::format_tag;
  const memory::desc left({matrices, rows, inner}, kFloat, Tag::abc);
  const memory::desc right({matrices, inner, columns}, kFloat, right_turned ? Tag::acb : Tag::abc);
  const memory::desc target({matrices, rows, columns}, kFloat, Tag::abc);
  const dnnl::primitive_attr attr = attributes(PostOps{}, target);
#if DNNL_VERSION_MAJOR >= 3
  const dnnl::matmul::primitive_desc description(engine, left, right, target, attr);
#else
  const dnnl::matmul::primitive_desc description(dnnl::matmul::desc(left, right, target), attr, engine);
#endif
  return {dnnl::matmul(description), description.src_desc(),        description.weights_desc(), {},
          description.dst_desc(),    description.scratchpad_desc(), description.impl_info_str()};
}

}  // namespace einet::exec
