#pragma once

#include "exec/lowering/network.h"

namespace einet::exec {

/// Whether `operation` can be computed on bytes on this machine: a convolution or a fully connected layer with
/// quantised weights and input for which oneDNN has a fast implementation, or a maximum of bytes.
bool suits_int8(const Operation& operation, const Network& network);

}  // namespace einet::exec
