// With oneDNN 2.6 on a processor with AVX-512 VNNI, jit_int8 is faster than brgconv, which the library prefers, for all
// windows of more than one pixel: by 1.1 to 1.2 with 64 channels and more, by 1.5 to 2 with up to 16 channels. For a
// single pixel it is slower. Residuals are added correctly by the former with AVX-512, and incorrectly for some shapes
// by the latter (post_ops.cc) and by jit_uni_int8 on processors with VNNI for AVX2 only.

#include "exec/onednn/int8.h"

#include <algorithm>
#include <limits>
#include <string>

#include "exec/onednn/attributes.h"

namespace einet::exec {

#if DNNL_VERSION_MAJOR >= 3

bool has_int8() { return false; }
bool has_int8_convolution(const dnnl::engine&, const ConvolutionShape&, const Int8Form&, const Requantization&) {
  return false;
}
bool has_int8_inner_product(const dnnl::engine&, std::int64_t, std::int64_t, std::int64_t, const Int8Form&,
                            const Requantization&) {
  return false;
}
Primitive make_int8_convolution(const dnnl::engine&, const ConvolutionShape&, const Int8Form&, const Requantization&) {
  return {};
}
Primitive make_int8_inner_product(const dnnl::engine&, std::int64_t, std::int64_t, std::int64_t, const Int8Form&,
                                  const Requantization&) {
  return {};
}
dnnl::memory::desc residual_description(const Int8Form&, const dnnl::memory::dims&) { return {}; }

#else

namespace {

using dnnl::memory;

memory::data_type type(const std::optional<graph::Grid>& grid) {
  if (!grid) return memory::data_type::f32;
  return grid->low < 0 ? memory::data_type::s8 : memory::data_type::u8;
}

class PostOpWriter {
 public:
  PostOpWriter(dnnl::post_ops& operations, const memory::desc& residual)
      : operations_(operations), residual_(residual) {}

  void operator()(const AddResidual&) const { operations_.append_binary(dnnl::algorithm::binary_add, residual_); }
  void operator()(const Linearly& linear) const {
    operations_.append_eltwise(1.0f, dnnl::algorithm::eltwise_linear, linear.factor, linear.shift);
  }
  void operator()(const Activation& activation) const { append(operations_, activation); }
  void operator()(const Clipped& bounds) const {
    constexpr float kLargest = std::numeric_limits<float>::max();
    operations_.append_eltwise(1.0f, dnnl::algorithm::eltwise_clip, std::max(bounds.low, -kLargest),
                               std::min(bounds.high, kLargest));
  }

 private:
  dnnl::post_ops& operations_;
  const memory::desc& residual_;
};

dnnl::primitive_attr attributes(const Requantization& numbers, const memory::desc& residual) {
  dnnl::post_ops operations;
  for (const Int8PostOp& post_op : numbers.post_ops) std::visit(PostOpWriter(operations, residual), post_op);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_post_ops(operations);
  constexpr int kPerChannel = 1 << 1;
  attributes.set_output_scales(kPerChannel, numbers.scales);
  return attributes;
}

// At the first implementation that `suits`; empty if there is none.
template <class Description, class Suits>
Description first_of(Description description, Suits suits) {
  if (!description) return {};
  while (!suits(std::string(description.impl_info_str()))) {
    if (!description.next_impl()) return {};
  }
  return description;
}

dnnl::convolution_forward::primitive_desc describe(const dnnl::engine& engine, const ConvolutionShape& shape,
                                                   const Int8Form& form, const Requantization& numbers) {
  const memory::desc source(shape.source, type(form.source), memory::format_tag::nhwc);
  const memory::desc weights(shape.weights, memory::data_type::s8, memory::format_tag::any);
  const memory::desc bias({shape.target[1]}, memory::data_type::f32, memory::format_tag::a);
  const memory::desc target(shape.target, type(form.target), memory::format_tag::nhwc);
  dnnl::primitive_attr attr = attributes(numbers, residual_description(form, shape.target));
  if (form.source.zero != 0) attr.set_zero_points(DNNL_ARG_SRC, 0, {form.source.zero});
  const dnnl::convolution_forward::desc layer(dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
                                              source, weights, bias, target, shape.strides, shape.dilations,
                                              shape.pads_begin, shape.pads_end);
  const std::size_t spatial = shape.weights.size() - 2;
  const bool pixel = shape.weights[spatial] == 1 && shape.weights[spatial + 1] == 1;
  return first_of(dnnl::convolution_forward::primitive_desc(layer, attr, engine, /*allow_empty=*/true),
                  [&](const std::string& implementation) {
                    if (implementation.starts_with("jit")) {
                      return !form.with_residual || implementation.find("avx512") != std::string::npos;
                    }
                    const bool slow = implementation == "brgconv:avx512_core_vnni" && !pixel;
                    return implementation.starts_with("brg") && !form.with_residual && !slow;
                  });
}

dnnl::inner_product_forward::primitive_desc describe(const dnnl::engine& engine, std::int64_t batch,
                                                     std::int64_t inputs, std::int64_t outputs, const Int8Form& form,
                                                     const Requantization& numbers) {
  const memory::desc source({batch, inputs}, type(form.source), memory::format_tag::nc);
  const memory::desc weights({outputs, inputs}, memory::data_type::s8, memory::format_tag::any);
  const memory::desc bias({outputs}, memory::data_type::f32, memory::format_tag::a);
  const memory::desc target({batch, outputs}, type(form.target), memory::format_tag::nc);
  const dnnl::inner_product_forward::desc layer(dnnl::prop_kind::forward_inference, source, weights, bias, target);
  return first_of(
      dnnl::inner_product_forward::primitive_desc(layer, attributes(numbers, target), engine, /*allow_empty=*/true),
      [](const std::string& implementation) {
        return implementation.starts_with("brg") || implementation.starts_with("jit");
      });
}

}  // namespace

bool has_int8() {
  static const bool exact = [] {
    switch (dnnl::get_effective_cpu_isa()) {
      case dnnl::cpu_isa::avx2_vnni:
      case dnnl::cpu_isa::avx512_core_vnni:
      case dnnl::cpu_isa::avx512_core_bf16:
      case dnnl::cpu_isa::avx512_core_amx:
        return true;
      default:
        return false;
    }
  }();
  return exact;
}

memory::desc residual_description(const Int8Form& form, const memory::dims& target) {
  return {target, type(form.residual), memory::format_tag::nhwc};
}

bool has_int8_convolution(const dnnl::engine& engine, const ConvolutionShape& shape, const Int8Form& form,
                          const Requantization& numbers) {
  return bool(describe(engine, shape, form, numbers));
}

Primitive make_int8_convolution(const dnnl::engine& engine, const ConvolutionShape& shape, const Int8Form& form,
                                const Requantization& numbers) {
  return made_from<dnnl::convolution_forward>(describe(engine, shape, form, numbers));
}

bool has_int8_inner_product(const dnnl::engine& engine, std::int64_t batch, std::int64_t inputs, std::int64_t outputs,
                            const Int8Form& form, const Requantization& numbers) {
  return bool(describe(engine, batch, inputs, outputs, form, numbers));
}

Primitive make_int8_inner_product(const dnnl::engine& engine, std::int64_t batch, std::int64_t inputs,
                                  std::int64_t outputs, const Int8Form& form, const Requantization& numbers) {
  return made_from<dnnl::inner_product_forward>(describe(engine, batch, inputs, outputs, form, numbers));
}

#endif

}  // namespace einet::exec
