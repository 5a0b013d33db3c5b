// The answer slot: one writer, any number of readers, and a writer that may die at any instruction.
//
// Idea. Publication k lives in record k % 2, and `published_` says how many there are. The writer fills the record
// that is not current and then stores k. Until that one store nothing has changed for readers, so a writer that is
// killed before it has published nothing, and one that is killed after it has published everything.
//
// Why a reader cannot see a mixture. Publication k+2 overwrites the record of publication k, and the writer stores
// k+1 before it writes the first word of k+2. Words are stored with release and loaded with acquire: a reader that
// saw a single word of k+2 therefore also sees published_ >= k+1. So when published_ is still k after the copy, every
// word was of publication k. Otherwise it copies again, from the record that is current by then.
//
// Example. The reader loads published_ = 7 and copies half of record 1. The writer publishes 8 into record 0, then
// begins 9 in record 1 and is killed. The reader finds published_ = 8 and copies record 0, which nobody will touch.
//
// Counter-example. A seqlock has one record: killed in the middle of the write, it leaves the counter odd for ever and
// nothing to read.
//
// The checksum is no part of this argument. It is for slots in a plain file, where a power cut may leave words of the
// page cache behind that were never together in memory.

#include "einet/answer.h"

#include <bit>

namespace einet {
namespace {

/// A 64-bit finaliser (splitmix64): every bit of the input changes every bit of the output with probability 1/2.
std::uint64_t mix(std::uint64_t x) noexcept {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9u;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

/// Of the words before the checksum itself. Not 0 for zeros, so a zeroed record is no valid one.
template <std::size_t size>
std::uint64_t checksum(const std::array<std::uint64_t, size>& words) noexcept {
  std::uint64_t sum = 0x9e3779b97f4a7c15u;
  for (std::size_t i = 0; i + 1 < size; ++i) sum = mix(sum ^ words[i]) + 0x9e3779b97f4a7c15u;
  return sum;
}

std::uint64_t pack(std::uint32_t high, std::uint32_t low) noexcept { return std::uint64_t{high} << 32 | low; }
std::uint32_t high(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word >> 32); }
std::uint32_t low(std::uint64_t word) noexcept { return static_cast<std::uint32_t>(word); }

}  // namespace

std::uint32_t AnswerSlot::publish(const Answer& answer) noexcept {
  const std::uint64_t count = published_.load(std::memory_order_relaxed) + 1;
  std::array<std::uint64_t, kWords> words{
      pack(std::bit_cast<std::uint32_t>(answer.label), std::bit_cast<std::uint32_t>(answer.exit)),
      pack(std::bit_cast<std::uint32_t>(answer.confidence), static_cast<std::uint32_t>(count)), answer.run,
      static_cast<std::uint64_t>(answer.elapsed.count()), 0};
  words.back() = checksum(words);
  Record& record = records_[count % 2];
  for (int i = 0; i < kWords; ++i) record.words[i].store(words[i], std::memory_order_release);
  published_.store(count, std::memory_order_release);
  return static_cast<std::uint32_t>(count);
}

bool AnswerSlot::load(std::uint64_t count, Answer& answer) const noexcept {
  std::array<std::uint64_t, kWords> words;
  const Record& record = records_[count % 2];
  for (int i = 0; i < kWords; ++i) words[i] = record.words[i].load(std::memory_order_acquire);
  answer.label = std::bit_cast<std::int32_t>(high(words[0]));
  answer.exit = std::bit_cast<std::int32_t>(low(words[0]));
  answer.confidence = std::bit_cast<float>(high(words[1]));
  answer.sequence = low(words[1]);
  answer.run = words[2];
  answer.elapsed = std::chrono::nanoseconds(static_cast<std::int64_t>(words[3]));
  return words.back() == checksum(words) && answer.sequence == static_cast<std::uint32_t>(count);
}

Answer AnswerSlot::read() const noexcept {
  std::uint64_t count = published_.load(std::memory_order_acquire);
  while (count != 0) {
    Answer answer;
    const bool whole = load(count, answer);
    const std::uint64_t now = published_.load(std::memory_order_relaxed);
    if (now == count) {
      if (whole) return answer;
      break;  // damaged from outside: no writer of ours was there
    }
    count = now;
  }
  Answer previous;
  if (count > 1 && load(count - 1, previous) && published_.load(std::memory_order_relaxed) == count) return previous;
  return {};
}

}  // namespace einet
