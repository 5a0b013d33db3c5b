#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

namespace einet {

/// The best answer so far. A plain value without pointers: it can live in shared memory.
struct Answer {
  std::int32_t label = -1;
  std::int32_t exit = -1;               ///< From 0; -1 while there is no answer yet.
  float confidence = 0.0f;              ///< max softmax of the exit.
  std::uint32_t sequence = 0;           ///< Counts publications of one slot, from 1; 0 = never published.
  std::uint64_t run = 0;                ///< Number of the run it belongs to, from 1.
  std::chrono::nanoseconds elapsed{0};  ///< From the start of the run to the publication.

  bool exists() const noexcept { return exit >= 0; }
  explicit operator bool() const noexcept { return exists(); }
};

/// One writer publishes, any number of readers read, nobody waits: two records and an atomic index.
///
/// publish() fills the record that is not current, then flips the index; a writer that dies in the middle of publish()
/// leaves the previous answer whole and current (a seqlock would not), and a new writer simply goes on. read() copies
/// the current record, and again only when the writer published during the copy: at most once per publication.
/// A record damaged from outside (a file after a power cut) is recognised by its checksum; read() then returns the
/// answer before it, or none.
///
/// Zeroed memory is a valid slot without an answer; it holds no pointer and only address-free atomics, so it may be
/// mapped anywhere by several processes (a file under /dev/shm, a memfd, a plain file).
class AnswerSlot {
 public:
  /// Returns the answer's sequence; `answer.sequence` is ignored, the slot counts. One thread at a time.
  std::uint32_t publish(const Answer& answer) noexcept;
  /// The last answer published whole; Answer{} when there is none.
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
