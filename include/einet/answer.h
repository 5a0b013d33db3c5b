#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "einet/api.h"

namespace einet {

/// The best answer so far. A plain value without pointers, suitable for shared memory.
struct Answer {
  std::int32_t label = -1;
  std::int32_t exit = -1;               ///< From 0; -1 while there is no answer yet. The last one of a combined answer.
  float confidence = 0.0f;              ///< max softmax of the exit, or of the combined scores.
  std::uint32_t sequence = 0;           ///< Counts publications of one slot, from 1; 0 = never published.
  std::uint64_t run = 0;                ///< Number of the run it belongs to, from 1.
  std::chrono::nanoseconds elapsed{0};  ///< From the start of the run to the publication.

  bool exists() const noexcept { return exit >= 0; }
  explicit operator bool() const noexcept { return exists(); }
};

/// Which answer a run shows.
enum class Publish {
  kLatest,         ///< The last exit executed (the paper).
  kMostConfident,  ///< The most confident so far.
  kCombined,       ///< A weighted sum of the log-probabilities of all executed exits; needs a bundle with its weights.
};

/// A wait-free slot for one writer and any number of readers: two records and an atomic index.
///
/// publish() fills the record that is not current, then flips the index. A writer killed during publish() leaves the
/// previous answer intact and current (a seqlock would not), and a new writer can continue. read() copies the current
/// record and retries only when the writer published during the copy, at most once per publication. A record damaged
/// from outside (a file after a power cut) is detected by its checksum; read() then returns the previous answer, or
/// none.
///
/// Zeroed memory is a valid slot without an answer. The slot contains no pointers and only address-free atomics, so
/// several processes may map it at different addresses (a file under /dev/shm, a memfd, a plain file).
class EINET_API AnswerSlot {
 public:
  /// Returns the sequence number given to the answer; `answer.sequence` is ignored. One thread at a time.
  std::uint32_t publish(const Answer& answer) noexcept;
  /// The last complete answer; Answer{} when there is none.
  Answer read() const noexcept;

 private:
  using Word = std::atomic<std::uint64_t>;
  static_assert(Word::is_always_lock_free);

  static constexpr int kWords = 5;  ///< label|exit, confidence|sequence, run, elapsed, checksum
  struct alignas(64) Record {
    std::array<Word, kWords> words{};
  };

  /// Reads the record of publication `count`; false when it is damaged.
  bool load(std::uint64_t count, Answer& answer) const noexcept;

  alignas(64) Word published_{0};  ///< Publications so far; publication k lives in record k % 2.
  std::array<Record, 2> records_{};
};

}  // namespace einet
