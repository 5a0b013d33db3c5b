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
  std::uint32_t sequence = 0;           ///< Counts publications of one slot, from 1; 0 = none.
  std::uint64_t run = 0;                ///< Number of the run it belongs to, from 1.
  std::chrono::nanoseconds elapsed{0};  ///< From the start of the run to the publication.

  bool exists() const noexcept { return exit >= 0; }
  explicit operator bool() const noexcept { return exists(); }
};

/// One writer publishes, any number of readers read, nobody waits: two records and an atomic index.
///
/// publish() fills the record that is not current, then flips the index; a writer that dies in the middle of publish()
/// leaves the previous answer whole and current (a seqlock would not). read() copies the current record and checks its
/// checksum; it copies again only when the writer published twice during the copy, at most once per publication.
/// Trivially constructible over zeroed memory; contains no pointer, so it may be mapped anywhere by several processes.
class AnswerSlot {
 public:
  void publish(const Answer& answer) noexcept;
  Answer read() const noexcept;

 private:
  struct Record;
  // Layout is the implementer's, standard layout, lock-free atomics only.
};

}  // namespace einet
