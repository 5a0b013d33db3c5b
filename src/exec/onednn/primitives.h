#pragma once

#include <dnnl.hpp>
#include <string>
#include <vector>

#include "exec/onednn/post_ops.h"

namespace einet::exec {

/// A primitive of oneDNN with descriptions of its memory. Weights are in the layout chosen by the primitive. The caller
/// provides the scratchpad (empty if none is needed).
struct Primitive {
  dnnl::primitive primitive;
  dnnl::memory::desc source, weights, bias, target, scratchpad;
  std::string implementation;
  bool complete = true;  ///< Has all the requested post-ops; otherwise none, and the caller must apply them.
};

/// The primitive of a description, `Forward` such as dnnl::convolution_forward.
template <class Forward>
Primitive made_from(const typename Forward::primitive_desc& description) {
  return {Forward(description),   description.src_desc(),        description.weights_desc(), description.bias_desc(),
          description.dst_desc(), description.scratchpad_desc(), description.impl_info_str()};
}

struct ConvolutionShape {
  dnnl::memory::dims source, weights, target;  ///< [N,C,H,W], [M,C,kh,kw] or [G,M/G,C/G,kh,kw], [N,M,OH,OW]
  dnnl::memory::dims strides, dilations, pads_begin, pads_end;  ///< dilations: 0 = dense, as in oneDNN.
};

/// The forms of source, residual and target. Weights are bfloat16 if the source is; biases are always float32.
struct ConvolutionForm {
  std::int64_t block = 0;  ///< Channels of a block, 8 or 16; 0 = channels-last.
  bool source_bf16 = false, target_bf16 = false;
  bool winograd = false;
  bool bare = false;  ///< Without post-ops: they are the caller's to apply.
};

// All differences between oneDNN 2 and 3 are hidden behind these functions. They throw dnnl::error if there is no such
// primitive.

// Post-ops are part of the primitive only if are_verified() holds for its implementation. The residual is a tensor like
// the target, and is the argument ATTR_MULTIPLE_POST_OP(0) | SRC_1 of a complete primitive.

Primitive make_convolution(const dnnl::engine& engine, const ConvolutionShape& shape, const ConvolutionForm& form,
                           const PostOps& post_ops);

/// [N,inputs] times [outputs,inputs]; `bf16`: both are bfloat16, the result is float32.
Primitive make_inner_product(const dnnl::engine& engine, std::int64_t batch, std::int64_t inputs, std::int64_t outputs,
                             bool bf16, const PostOps& post_ops);

/// [rows,inputs] times [inputs,outputs] as a matrix product with packed weights; `bias` is [1,outputs].
Primitive make_matmul(const dnnl::engine& engine, std::int64_t rows, std::int64_t inputs, std::int64_t outputs,
                      const PostOps& post_ops);

/// [matrices,rows,inner] times [matrices,inner,columns], or [matrices,columns,inner] if the right side is transposed.
/// No bias, no post-ops; `weights` is the right side, in that order.
Primitive make_product(const dnnl::engine& engine, std::int64_t matrices, std::int64_t rows, std::int64_t inner,
                       std::int64_t columns, bool right_turned);

}  // namespace einet::exec
