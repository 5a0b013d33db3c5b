#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "einet/time.h"
#include "serve/refusal.h"

namespace einet::serve {

/// The counters of a server in Prometheus' text format (docs/serve.md). Any thread.
class Metrics {
 public:
  struct ModelInfo {
    std::string name;
    int exits = 0;
  };

  explicit Metrics(const std::vector<ModelInfo>& models);
  ~Metrics();

  /// An answer of exit `exit` (from 0), `latency` after the arrival of the request. `lateness` is counted from the
  /// cut-off, for runs that were cut off.
  void answered(std::size_t model, int exit, Seconds latency, std::optional<Seconds> lateness);
  void refused(std::size_t model, Refusal refusal);
  /// `sessions` and `waiting`: busy sessions and waiting requests at this time.
  std::string text(std::size_t busy, std::size_t waiting);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace einet::serve
