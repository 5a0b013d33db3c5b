#pragma once

#include <dnnl.hpp>

#include "exec/lowering/network.h"

namespace einet::exec {

/// Appends an activation with Activation::is_post_op().
void append(dnnl::post_ops& operations, const Activation& activation);

}  // namespace einet::exec
