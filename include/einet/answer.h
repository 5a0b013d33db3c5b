#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "einet/time.h"

namespace einet {

/// A class and its probability.
struct Guess {
  std::int32_t label = -1;  ///< -1 = none.
  float confidence = 0.0f;

  friend bool operator==(const Guess&, const Guess&) = default;
};

/// The best answer so far. A plain value without pointers.
struct Answer {
  std::int32_t label = -1;              ///< -1 while there is no answer and no initial one.
  std::int32_t exit = -1;               ///< From 0; -1 while there is no answer. Of a combined answer, the last exit.
  float confidence = 0.0f;              ///< max softmax of the exit, or of the combined scores.
  std::uint64_t sequence = 0;           ///< Increases with every publication into a slot.
  std::uint64_t run = 0;                ///< Number of the run it belongs to, as Session::start() returned it.
  std::uint64_t frame = 0;              ///< The caller's tag for the image (RunOptions::frame).
  std::chrono::nanoseconds elapsed{0};  ///< From the start of the run to the publication.
  Clock::time_point time{};             ///< Of the publication. All processes of the machine share this clock.
  /// The next most likely classes, in descending order; empty unless SessionOptions::top is above 1.
  std::array<Guess, 4> others{};

  bool exists() const noexcept { return exit >= 0; }
  /// Whether it is an initial answer (SessionOptions::initial): a label that no exit of the run has computed. exists()
  /// is false.
  bool is_initial() const noexcept { return exit < 0 && label >= 0; }
  explicit operator bool() const noexcept { return exists(); }
  friend bool operator==(const Answer&, const Answer&) = default;
};

/// What stands for the answer of a run until its first exit has answered. Such an answer has exit -1 and a label.
enum class Initial {
  kNone,      ///< Nothing: label -1.
  kFrequent,  ///< The most frequent class of the bundle's held-out samples; its confidence is the share of that class.
  kPrevious,  ///< The last answer of the session's earlier runs, for the frames of a video.
};

/// Which answer a run publishes.
enum class Publish {
  kLatest,         ///< The last exit executed (the paper).
  kMostConfident,  ///< The most confident so far.
  kCombined,       ///< A weighted sum of the log-probabilities of all executed exits; needs a bundle with its weights.
};

}  // namespace einet
