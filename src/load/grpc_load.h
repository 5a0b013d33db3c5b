#pragma once

#include <span>
#include <vector>

#include "load/outcome.h"

namespace einet::load {

/// The same as run_rest() by the gRPC protocol, with raw contents, on one channel. Calls have no deadline of their own,
/// only kPatience.
std::vector<Outcome> run_grpc(const Target& target, std::span<const Planned> requests);

}  // namespace einet::load
