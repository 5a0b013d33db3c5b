#pragma once

#include <cstdint>
#include <optional>

#include "exec/onednn/primitives.h"
#include "exec/onednn/requantization.h"

namespace einet::exec {

/// Whether oneDNN multiplies bytes exactly on this machine. Without VNNI, its kernels add pairs of products in 16 bits,
/// which saturate. False with oneDNN 3, which has other attributes for scales.
bool has_int8();

/// The numbers of a layer; weights are int8 with the zero point 0, biases float32 in the unit of Requantization.
struct Int8Form {
  graph::Grid source;
  bool with_residual = false;
  std::optional<graph::Grid> residual, target;  ///< Empty: floats.
};

/// Whether oneDNN has more than plain loops for this convolution, channels-last, and adds its residual correctly.
bool has_int8_convolution(const dnnl::engine& engine, const ConvolutionShape& shape, const Int8Form& form,
                          const Requantization& numbers);
/// Only if has_int8_convolution(). The residual is the argument ATTR_MULTIPLE_POST_OP(0) | SRC_1.
Primitive make_int8_convolution(const dnnl::engine& engine, const ConvolutionShape& shape, const Int8Form& form,
                                const Requantization& numbers);
dnnl::memory::desc residual_description(const Int8Form& form, const dnnl::memory::dims& target);

/// The same for [batch,inputs] times [outputs,inputs]. The zero point of the source is the caller's to subtract, by the
/// bias; there is no residual.
bool has_int8_inner_product(const dnnl::engine& engine, std::int64_t batch, std::int64_t inputs, std::int64_t outputs,
                            const Int8Form& form, const Requantization& numbers);
Primitive make_int8_inner_product(const dnnl::engine& engine, std::int64_t batch, std::int64_t inputs,
                                  std::int64_t outputs, const Int8Form& form, const Requantization& numbers);

}  // namespace einet::exec
