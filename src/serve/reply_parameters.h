#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "serve/engine.h"

namespace einet::serve {

inline constexpr std::string_view kPlatform = "einet";  ///< Of every model, in its metadata.

/// The parameters of a reply, in every protocol.
struct ReplyParameters {
  std::int64_t exit;  ///< From 1.
  double confidence;
  std::int64_t elapsed_us;  ///< From the arrival of the request to the answer.
  bool interrupted;         ///< Whether the run was cut off.
  std::string label_name;
};

inline ReplyParameters parameters_of(const ServedModel& model, const Reply& reply) {
  using std::chrono::microseconds;
  return {.exit = reply.answer.exit + 1,
          .confidence = reply.answer.confidence,
          .elapsed_us = std::chrono::duration_cast<microseconds>(reply.answer.elapsed).count(),
          .interrupted = reply.interrupted,
          .label_name = model.model->label_name(reply.answer.label)};
}

}  // namespace einet::serve
