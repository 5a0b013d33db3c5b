#pragma once

#include <chrono>
#include <cstdint>

#include "einet/answer.h"

namespace einet::testing {

/// An answer with all fields except the sequence number determined by `k`, so that mixtures of two are detected. Every
/// second one has more classes.
inline Answer numbered(std::uint64_t k) {
  Answer answer{.label = static_cast<std::int32_t>(k * 7 % 1000),
                .exit = static_cast<std::int32_t>(k % 40),
                .confidence = static_cast<float>(k % 1024) / 1024.0f,
                .run = k,
                .frame = k * 3 + 1,
                .elapsed = std::chrono::nanoseconds(static_cast<std::int64_t>(k * 1000 + 3)),
                .time = Clock::time_point(std::chrono::nanoseconds(static_cast<std::int64_t>(k * 5 + 7)))};
  if (k % 2 == 1) {
    for (std::size_t i = 0; i < answer.others.size(); ++i) {
      answer.others[i] = {static_cast<std::int32_t>(k + i), static_cast<float>(k % 512) / 512.0f};
    }
  }
  return answer;
}

/// Whether `answer` is numbered(answer.run), with any sequence number.
inline bool is_whole(Answer answer) {
  answer.sequence = 0;
  return answer == numbered(answer.run);
}

}  // namespace einet::testing
