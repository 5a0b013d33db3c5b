#pragma once

// The answer slot: one writer at a time, any number of readers in any process, and writers that may die or be stopped
// at any instruction.
//
// Layout. A head, and two records for every writer. The head holds the index and the sequence number of the current
// record. A record holds an answer, its sequence number and a checksum.
//
// Publishing. The writer fills the one of its two records that is not current, then moves the head to it by
// compare-and-swap. Until that one instruction nothing changes for readers: a writer killed before it has published
// nothing, and one killed after it has published everything.
//
// Why a reader cannot see a mixture. A record is only filled again after the head has moved away from it, and only by
// its own writer. Words are stored with release and loaded with acquire, so a reader that has loaded a single word of
// the new content also sees that the head has moved. If the head is unchanged after the copy, all words therefore
// belong to the same answer. Otherwise the reader copies again, from the record that is then current.
//
// Taking over. A new writer copies the current answer into one of its own records and moves the head there. If its
// predecessor was only stopped and continues, the predecessor's compare-and-swap fails, because the head has changed;
// it has only written to its own records, which are not current, so readers are not affected. An interrupt closes the
// slot in the same way: it changes the head (`nudge`), so a writer that checked for an interrupt before the change
// fails and checks again.
//
// Damage. Records take precedence over the head: if the head does not refer to an intact record with its sequence
// number (a flipped bit, or a copy of the memory taken during a write), the newest intact record is the answer, and the
// next publication repairs the head.
//
// Example. The reader loads the head, sequence 7 in record 1, and copies half of record 1. The writer publishes 8 into
// record 0, begins 9 in record 1 and is killed. The reader sees that the head has moved and copies record 0, which no
// longer changes.
//
// Counter-example. A seqlock has one record: a writer killed during a write leaves the counter odd forever, and no
// answer to read.

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <optional>

#include "einet/answer.h"

namespace einet {

/// The term of the word at `place` in a checksum, which is a sum of terms (splitmix64). A bijection of the word, so one
/// damaged word always changes the sum.
inline std::uint64_t checksum_term(std::uint64_t word, int place) noexcept {
  word += static_cast<std::uint64_t>(place + 1) * 0x9e3779b97f4a7c15u;
  word ^= word >> 30;
  word *= 0xbf58476d1ce4e5b9u;
  word ^= word >> 27;
  word *= 0x94d049bb133111ebu;
  return word ^ (word >> 31);
}

/// An answer encoded as words (docs/formats.md): one cache line without `others`, two with them.
class AnswerCodec {
 public:
  static constexpr int kWords = 16, kChecksum = 7;

  /// Calls put(place, word) for every word except the checksum.
  template <class Put>
  static void encode(const Answer& answer, Put&& put) noexcept {
    std::uint32_t others = 0;
    while (others < answer.others.size() && answer.others[others].label >= 0) ++others;
    put(0, answer.sequence);
    put(1, answer.run);
    put(2, answer.frame);
    put(3, pack(std::bit_cast<std::uint32_t>(answer.label), std::bit_cast<std::uint32_t>(answer.exit)));
    put(4, pack(std::bit_cast<std::uint32_t>(answer.confidence), others));
    put(5, static_cast<std::uint64_t>(answer.elapsed.count()));
    put(6, static_cast<std::uint64_t>(answer.time.time_since_epoch().count()));
    for (std::uint32_t i = 0; i < others; ++i) {
      const Guess& guess = answer.others[i];
      put(kOthers + static_cast<int>(i),
          pack(std::bit_cast<std::uint32_t>(guess.label), std::bit_cast<std::uint32_t>(guess.confidence)));
    }
  }

  /// Decodes the words get(place); false if they do not form an answer.
  template <class Get>
  static bool decode(Answer& answer, Get&& get) noexcept {
    answer.sequence = get(0);
    answer.run = get(1);
    answer.frame = get(2);
    const std::uint64_t place = get(3), confidence = get(4);
    answer.label = std::bit_cast<std::int32_t>(high(place));
    answer.exit = std::bit_cast<std::int32_t>(low(place));
    answer.confidence = std::bit_cast<float>(high(confidence));
    answer.elapsed = std::chrono::nanoseconds(static_cast<std::int64_t>(get(5)));
    answer.time = Clock::time_point(Clock::duration(static_cast<Clock::rep>(get(6))));
    const std::uint32_t others = low(confidence);
    if (others > answer.others.size()) return false;
    for (std::uint32_t i = 0; i < others; ++i) {
      const std::uint64_t word = get(kOthers + static_cast<int>(i));
      answer.others[i] = {std::bit_cast<std::int32_t>(high(word)), std::bit_cast<float>(low(word))};
    }
    return true;
  }

 private:
  static constexpr int kOthers = 8;
  static std::uint64_t pack(std::uint32_t high, std::uint32_t low) noexcept { return std::uint64_t{high} << 32 | low; }
  static std::uint32_t high(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word >> 32); }
  static std::uint32_t low(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word); }
};

/// Memory for a slot with up to `kWriters` writers that are alive at the same time. Zeroed memory is a slot without an
/// answer. It contains no pointers, only lock-free atomics, so processes may map it at different addresses. `Word` is
/// std::atomic<std::uint64_t>; tests use a model of it, and a codec with fewer words.
template <int kWriters, class Word = std::atomic<std::uint64_t>, class Codec = AnswerCodec>
class BasicAnswerSlot {
 public:
  /// The last complete answer; Answer{} if there is none. Copies again only if an answer was published meanwhile.
  Answer read() const noexcept {
    for (std::uint64_t head = head_.load(std::memory_order_acquire);;) {
      std::optional<Answer> answer = load_current(head);
      if (!answer) answer = newest_record();
      const std::uint64_t now = head_.load(std::memory_order_acquire);
      if (without_nudge(now) == without_nudge(head)) return answer.value_or(Answer{});
      head = now;
    }
  }

  /// Number of the writer that published last.
  int current_writer() const noexcept { return index_of(head_.load(std::memory_order_acquire)) / 2; }

  /// Invalidates earlier decisions: after it returns, a writer publishes only after deciding again (Writer::publish()).
  /// Wait-free; may be called by any thread and in signal handlers.
  void nudge() noexcept { head_.fetch_add(kNudge, std::memory_order_acq_rel); }

  /// The right to publish. At most one per `number` at a time; only the newest can publish.
  class Writer {
   public:
    /// Takes over from the last writer. 0 <= number < kWriters.
    Writer(BasicAnswerSlot& slot, int number) noexcept : slot_(slot), first_(2 * number) {
      for (;;) {
        const std::uint64_t head = slot_.head_.load(std::memory_order_acquire);
        Answer answer = slot_.read();
        sequence_ = answer.sequence;
        record_ = first_ + (index_of(head) == first_);
        if (commit(head, answer)) return;
      }
    }

    /// Publishes if the writer has not been replaced and `decide(answer)`, which may complete the answer, returns true.
    /// It is called again after every concurrent nudge(). Returns the sequence number, 0 if nothing was published.
    /// One thread at a time.
    template <class Decide>
    std::uint64_t publish(Answer answer, Decide&& decide) noexcept {
      for (;;) {
        const std::uint64_t head = slot_.head_.load(std::memory_order_acquire);
        if (without_nudge(head) != head_ && slot_.load_current(head)) {
          replaced_.store(true, std::memory_order_relaxed);
          return 0;
        }
        if (!decide(answer)) return 0;
        if (commit(head, answer)) return sequence_;
      }
    }
    std::uint64_t publish(const Answer& answer) noexcept {
      return publish(answer, [](Answer&) { return true; });
    }

    /// Sequence number of its last publication, or of the answer it took over.
    std::uint64_t sequence() const noexcept { return sequence_; }
    /// Whether it has found that another writer took over.
    bool replaced() const noexcept { return replaced_.load(std::memory_order_relaxed); }

   private:
    bool commit(std::uint64_t head, Answer& answer) noexcept {
      answer.sequence = sequence_ + 1;
      slot_.store(record_, answer);
      const std::uint64_t next = pack_head(answer.sequence, record_);
      if (!slot_.head_.compare_exchange_strong(head, next | (head & kNudges), std::memory_order_acq_rel,
                                               std::memory_order_relaxed)) {
        return false;
      }
      sequence_ = answer.sequence;
      head_ = next;
      record_ = first_ + (record_ == first_);
      return true;
    }

    BasicAnswerSlot& slot_;
    const int first_;             ///< The first of its two records.
    int record_ = 0;              ///< The one to fill next.
    std::uint64_t sequence_ = 0;  ///< Of its last publication.
    std::uint64_t head_ = 0;      ///< After its last publication, without nudges.
    std::atomic<bool> replaced_{false};
  };

 private:
  static constexpr int kRecords = 2 * kWriters;

  // The head: nudges (16 bits), sequence number (44 bits, which may wrap), record (4 bits).
  static_assert(kRecords <= 16);
  static constexpr int kSequenceShift = 4, kNudgeShift = 48;
  static constexpr std::uint64_t kNudge = std::uint64_t{1} << kNudgeShift, kNudges = ~(kNudge - 1);
  static std::uint64_t pack_head(std::uint64_t sequence, int record) noexcept {
    return ((sequence << kSequenceShift) & ~kNudges) | static_cast<std::uint64_t>(record);
  }
  static std::uint64_t without_nudge(std::uint64_t head) noexcept { return head & ~kNudges; }
  static std::uint64_t sequence_of(std::uint64_t head) noexcept { return without_nudge(head) >> kSequenceShift; }
  static int index_of(std::uint64_t head) noexcept { return static_cast<int>(head % 16); }

  struct alignas(64) Record {
    std::array<Word, Codec::kWords> words{};
  };

  void store(int index, const Answer& answer) noexcept {
    Record& record = records_[static_cast<std::size_t>(index)];
    std::uint64_t sum = 0;
    Codec::encode(answer, [&](int at, std::uint64_t word) {
      sum += checksum_term(word, at);
      record.words[static_cast<std::size_t>(at)].store(word, std::memory_order_release);
    });
    record.words[Codec::kChecksum].store(sum, std::memory_order_release);
  }

  /// Empty if the record is damaged, or being filled.
  std::optional<Answer> load(int index) const noexcept {
    const Record& record = records_[static_cast<std::size_t>(index)];
    std::uint64_t sum = 0;
    Answer answer;
    const bool decoded = Codec::decode(answer, [&](int at) {
      const std::uint64_t word = record.words[static_cast<std::size_t>(at)].load(std::memory_order_acquire);
      sum += checksum_term(word, at);
      return word;
    });
    if (!decoded || record.words[Codec::kChecksum].load(std::memory_order_acquire) != sum) return std::nullopt;
    return answer;
  }

  /// The answer that the head refers to.
  std::optional<Answer> load_current(std::uint64_t head) const noexcept {
    if (index_of(head) >= kRecords) return std::nullopt;
    std::optional<Answer> answer = load(index_of(head));
    if (answer && pack_head(answer->sequence, index_of(head)) != without_nudge(head)) answer.reset();
    return answer;
  }

  std::optional<Answer> newest_record() const noexcept {
    std::optional<Answer> newest;
    for (int i = 0; i < kRecords; ++i) {
      const std::optional<Answer> answer = load(i);
      if (answer && (!newest || answer->sequence > newest->sequence)) newest = answer;
    }
    return newest;
  }

  alignas(64) Word head_{};
  std::array<Record, kRecords> records_{};
};

/// A slot within one process.
using AnswerSlot = BasicAnswerSlot<1>;

}  // namespace einet
