#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cli/executor_options.h"
#include "cli/session_options.h"

namespace einet::cli {

/// The options of einet serve.
struct ServeOptions {
  std::vector<std::string> bundles;  ///< Each "BUNDLE" or "NAME=BUNDLE".
  SessionSetup setup;
  std::string address = "0.0.0.0";
  std::uint16_t http = 8080, grpc = 9000;
  bool no_http = false, no_grpc = false;
  int sessions = 0;  ///< 0 = one for each processor.
  std::size_t queue = 64;
  std::size_t connections = 1024;
  int idle_seconds = 60, request_seconds = 10, grace_seconds = 0, drain_seconds = 20;
  bool log_requests = false;
};

}  // namespace einet::cli
