#pragma once

#include "exec/lowering/network.h"

namespace einet::exec {

/// Fuses operations into others where possible; the network computes the same values.
void fuse(Network& network);

}  // namespace einet::exec
