#pragma once

#include <string_view>

#include "exec/lowering/network.h"

namespace einet::exec {

/// Operations after a convolution or a fully connected layer: first the residual, then the activation.
struct PostOps {
  bool residual = false;
  Activation activation = {};

  bool empty() const { return !residual && activation.kind == Activation::kNone; }
};

/// Whether `implementation` (impl_info_str()) of the linked library computes these correctly as post-ops.
/// See post_ops.cc.
bool are_verified(const PostOps& post_ops, std::string_view implementation);

}  // namespace einet::exec
