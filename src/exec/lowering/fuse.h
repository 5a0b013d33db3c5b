#pragma once

#include "exec/lowering/network.h"

namespace einet::exec {

/// Fuses what can ride along with another operation; the network computes the same values.
void fuse(Network& network);

}  // namespace einet::exec
