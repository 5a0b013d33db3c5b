#pragma once

#include "cli/server/options.h"

namespace einet::cli {

/// Loads the bundles and serves them until SIGTERM or SIGINT, which the caller must have blocked before any thread was
/// started.
void serve(const ServeOptions& options);

}  // namespace einet::cli
