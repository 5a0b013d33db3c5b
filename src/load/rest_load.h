#pragma once

#include <span>
#include <vector>

#include "load/outcome.h"

namespace einet::load {

/// Sends `requests`, ascending by the time they are due, by the REST protocol with binary tensors, and waits for the
/// replies. One outcome for each, in order.
///
/// Every request is sent when it is due, on a connection that waits for nothing else. Connections are kept alive and
/// reused; when all are in use, another one is opened. Throws kUsage if the host is not an IP address, kIo if nothing
/// listens there.
std::vector<Outcome> run_rest(const Target& target, std::span<const Planned> requests);

}  // namespace einet::load
