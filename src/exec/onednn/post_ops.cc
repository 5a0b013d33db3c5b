// oneDNN accepts a residual (a binary post-op over the whole tensor) for every implementation, but not every
// implementation computes it correctly. With oneDNN 2.6.3 on x86, channels-last, blocked and bfloat16, measured on
// 13,000 shapes with windows of 1 to 7, strides, dilations, groups and batches, each limited to SSE4.1, AVX, AVX2,
// AVX-512 and AVX-512 with bfloat16:
//
//   implementation          residual                            activation
//   jit, jit_1x1, jit_dw,
//   jit_bf16                correct (170,000 cases)             correct
//   jit_bf16_1x1            wrong for some with few inputs      correct
//   brgconv, brgdmm_dw      wrong for some with few pixels      correct
//   x64:gemm:jit            wrong in f32                        correct
//   ref:any                 correct                             correct
//
// Post-ops are used only where this measurement found them correct. In all other cases, including other versions of the
// library and other processors, the executor runs its own kernel after the primitive. A check on random data when
// loading could cover these, but would have to run every layer twice with every candidate, because the errors depend on
// the shape. tests/exec/post_ops_test.cc repeats the measurement (EINET_SWEEP); run it to extend this list.

#include "exec/onednn/post_ops.h"

#include <dnnl.hpp>

namespace einet::exec {
namespace {

bool is_measured_version() {
  const dnnl_version_t& version = *dnnl_version();
  return version.major == 2 && version.minor == 6;
}

// Code generated for x86: "jit_1x1:avx2", "brgconv:avx512_core". Not "jit:sve_512".
bool is_x86(std::string_view implementation) {
  return implementation.find(":sse41") != std::string_view::npos ||
         implementation.find(":avx") != std::string_view::npos;
}

}  // namespace

bool are_verified(const PostOps& post_ops, std::string_view implementation) {
  if (post_ops.empty()) return true;
  if (!is_measured_version()) return false;
  if (!post_ops.residual) return is_x86(implementation) || implementation.starts_with("x64:gemm");
  return is_x86(implementation) && implementation.starts_with("jit") && !implementation.starts_with("jit_bf16_1x1");
}

}  // namespace einet::exec
