#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "load/outcome.h"

namespace einet::load {

/// As profile::nearest_rank().
struct Quantiles {
  int samples = 0;
  double p50 = 0.0, p99 = 0.0, p999 = 0.0;  ///< Seconds.
};
Quantiles quantiles(std::vector<double> values);

/// The outcomes of the requests of one kind.
struct Summary {
  int requests = 0, answered = 0;
  int right = 0;                        ///< Answers that are the image's label.
  std::map<std::string, int> refusals;  ///< Requests without an answer, by reason.
  std::vector<int> exits;               ///< Answers, by exit.
  Quantiles latency;                    ///< Of answers.
  /// Of answers of runs that were cut off: latency - timeout. It also contains the time that the client and the
  /// connection take.
  Quantiles lateness;
  Quantiles sent;  ///< Delays of the client itself, of all requests.

  double answered_share() const { return requests > 0 ? double(answered) / requests : 0.0; }
  /// A request without an answer counts as wrong.
  double right_share() const { return requests > 0 ? double(right) / requests : 0.0; }
};

/// `labels[i]` is the true class of request i; `timeout` that of all requests.
Summary summarize(std::span<const Outcome> outcomes, std::span<const int> labels,
                  std::optional<std::chrono::microseconds> timeout);

}  // namespace einet::load
