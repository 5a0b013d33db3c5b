#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "einet/time.h"

namespace einet::load {

/// A request that is to be sent at a fixed time.
struct Planned {
  Seconds due{0};                                                   ///< From the beginning of the load.
  std::span<const float> pixels;                                    ///< [C,H,W] in [0,1]; must outlive the load.
  std::optional<std::chrono::microseconds> timeout = std::nullopt;  ///< Its parameter `timeout`.
};

/// What became of a request. Times are counted from the time it was due, whether or not it was sent then.
struct Outcome {
  int exit = -1;  ///< Of the answer, from 0; -1 = no answer.
  int label = -1;
  bool interrupted = false;  ///< Whether the run was cut off.
  std::string refusal = {};  ///< Why there is no answer: a status such as "504" or "UNAVAILABLE", or "connection".
  Seconds sent{0};           ///< Delay of the client: from due to sent.
  Seconds latency{0};        ///< From due to received, also for refusals.

  bool answered() const { return exit >= 0; }
};

/// Where a model is served.
struct Target {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string model;
  std::vector<std::int64_t> shape = {};  ///< [1,C,H,W] of its input.
};

/// How long a client waits for replies after the last request, and the refusal of requests without one by then.
inline constexpr std::chrono::seconds kPatience{60};
inline constexpr const char* kNoReply = "no reply";

}  // namespace einet::load
