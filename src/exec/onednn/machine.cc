// The capabilities of oneDNN on this machine, determined by creating a convolution and checking its implementation.

#include "exec/onednn/machine.h"

#include <dnnl.hpp>
#include <string>

#include "einet/error.h"
#include "exec/forms/choice.h"
#include "exec/onednn/primitives.h"
#include "exec/program.h"

namespace einet::exec {
namespace {

// Whether there is a specialised implementation of a typical convolution on `form`.
bool has_convolution(const ConvolutionForm& form) {
  const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  const ConvolutionShape shape{{1, 64, 8, 8}, {64, 64, 3, 3}, {1, 64, 8, 8}, {1, 1}, {0, 0}, {1, 1}, {1, 1}};
  try {
    const std::string implementation = make_convolution(engine, shape, form, {}).implementation;
    return implementation.starts_with("jit") || implementation.starts_with("brgconv");
  } catch (const dnnl::error&) {
    return false;
  }
}

}  // namespace

std::int64_t find_block_channels() {
  for (const std::int64_t channels : {16, 8}) {
    const ConvolutionForm blocked{.block = channels};
    if (has_convolution(blocked)) return channels;
  }
  return 0;
}

bool supports(Precision precision) noexcept {
  if (precision == Precision::kFloat32) return true;
  static const bool bf16 = [] {
    try {
      return has_convolution({.source_bf16 = true, .target_bf16 = true});
    } catch (...) {
      return false;
    }
  }();
  return bf16;
}

std::string_view name(Precision precision) noexcept { return precision == Precision::kBfloat16 ? "bf16" : "f32"; }

Precision parse_precision(std::string_view text) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    if (text == name(precision)) return precision;
  }
  throw Error(ErrorKind::kUsage, "precision '" + std::string(text) + "'", "unknown; must be f32 or bf16");
}

std::string library() {
  const dnnl_version_t& version = *dnnl_version();
  const std::string onednn = "oneDNN " + std::to_string(version.major) + "." + std::to_string(version.minor) + "." +
                             std::to_string(version.patch);
  return prefers_xnnpack() ? onednn + ", XNNPACK" : onednn;
}

}  // namespace einet::exec
