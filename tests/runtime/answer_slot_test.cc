#include "runtime/answer_slot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "runtime/numbered_answer.h"

namespace einet {
namespace {

using testing::is_whole;
using testing::numbered;

using Slot = BasicAnswerSlot<2>;
static_assert(std::is_standard_layout_v<Slot>);
static_assert(std::is_trivially_destructible_v<Slot>);

constexpr std::size_t kHead = sizeof(std::uint64_t);

/// The bytes of a slot, as in a file or a shared mapping.
struct Bytes {
  alignas(Slot) unsigned char bytes[sizeof(Slot)] = {};
  Slot& slot() { return *reinterpret_cast<Slot*>(bytes); }
};

TEST(AnswerSlot, ZeroedMemoryContainsNoAnswer) {
  Bytes memory;
  EXPECT_EQ(memory.slot().read(), Answer{});
  Slot::Writer writer(memory.slot(), 0);
  EXPECT_FALSE(memory.slot().read().exists());
}

TEST(AnswerSlot, ReadsTheLastPublication) {
  AnswerSlot slot;
  AnswerSlot::Writer writer(slot, 0);
  std::uint64_t sequence = 0;
  for (std::uint64_t k = 1; k <= 100; ++k) {
    const std::uint64_t now = writer.publish(numbered(k));
    EXPECT_GT(now, sequence);
    sequence = now;
    Answer expected = numbered(k);
    expected.sequence = sequence;
    ASSERT_EQ(slot.read(), expected);
  }
}

TEST(AnswerSlot, PreservesNegativeAndExtremeFields) {
  AnswerSlot slot;
  AnswerSlot::Writer writer(slot, 0);
  Answer extreme{.label = std::numeric_limits<std::int32_t>::min(),
                 .exit = -1,
                 .confidence = -0.0f,
                 .run = ~std::uint64_t{0},
                 .frame = ~std::uint64_t{0},
                 .elapsed = std::chrono::nanoseconds::min(),
                 .time = Clock::time_point::min()};
  extreme.sequence = writer.publish(extreme);
  EXPECT_EQ(slot.read(), extreme);
  EXPECT_TRUE(std::signbit(slot.read().confidence));
}

TEST(AnswerSlot, ReadersOnlySeeWholeAnswersInOrder) {
  AnswerSlot slot;
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int t = 0; t < 2; ++t) {
    readers.emplace_back([&] {
      std::uint64_t last = 0;
      while (!done) {
        const Answer answer = slot.read();
        if (!answer.exists()) continue;
        ASSERT_TRUE(is_whole(answer));
        ASSERT_GE(answer.sequence, last);
        last = answer.sequence;
      }
    });
  }
  AnswerSlot::Writer writer(slot, 0);
  for (std::uint64_t k = 1; k <= 300'000; ++k) {
    ASSERT_NE(writer.publish(numbered(k)), 0u);
    if (k % 64 == 0) slot.nudge();
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

// Writers of one slot take over from each other at any time, in any order.
TEST(AnswerSlot, ReadersOnlySeeProgressWhileWritersReplaceEachOther) {
  auto slot = std::make_unique<BasicAnswerSlot<8>>();
  std::atomic<bool> done{false};
  std::thread reader([&] {
    std::uint64_t last = 0;
    while (!done) {
      const Answer answer = slot->read();
      if (!answer.exists()) {
        ASSERT_EQ(last, 0u) << "the answer was lost";
        continue;
      }
      ASSERT_TRUE(is_whole(answer));
      ASSERT_GE(answer.sequence, last);
      last = answer.sequence;
    }
  });
  std::vector<std::thread> writers;
  for (int number = 0; number < 3; ++number) {
    writers.emplace_back([&, number] {
      std::mt19937 random(static_cast<unsigned>(number));
      for (std::uint64_t life = 0; life < 2000; ++life) {
        BasicAnswerSlot<8>::Writer writer(*slot, number);
        for (std::uint64_t k = random() % 40; k > 0; --k) {
          const std::uint64_t sequence = writer.publish(numbered(random() % 100000 + 1));
          ASSERT_EQ(sequence == 0, writer.replaced());
          if (sequence == 0) break;
        }
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done = true;
  reader.join();
}

// When a writer dies, any subset of the words that it stores before moving the head may have been written.
TEST(AnswerSlot, AWriterThatDiesDuringAWriteLeavesThePreviousAnswer) {
  std::mt19937 random(1);
  for (std::uint64_t k = 1; k <= 4; ++k) {
    Bytes before, after;
    for (Bytes* bytes : {&before, &after}) {
      Slot::Writer writer(bytes->slot(), 0);
      const std::uint64_t last = bytes == &before ? k : k + 1;
      for (std::uint64_t i = 1; i <= last; ++i) writer.publish(numbered(i));
    }
    for (int trial = 0; trial < 2000; ++trial) {
      Bytes dying = before;
      for (std::size_t word = 8; word < sizeof(Slot); word += 8) {
        if (random() % 2 == 0) std::memcpy(dying.bytes + word, after.bytes + word, 8);
      }
      ASSERT_TRUE(is_whole(dying.slot().read()));
      ASSERT_EQ(dying.slot().read().run, k);
      for (const int number : {0, 1}) {  // A successor with the same records or others.
        Slot::Writer successor(dying.slot(), number);
        ASSERT_EQ(dying.slot().read().run, k);
        successor.publish(numbered(100));
        ASSERT_EQ(dying.slot().read().run, 100u);
        dying = before;
      }
    }
  }
}

TEST(AnswerSlot, AReplacedWriterChangesNothing) {
  Bytes memory;
  Slot::Writer first(memory.slot(), 0);
  first.publish(numbered(1));
  Slot::Writer second(memory.slot(), 1);
  EXPECT_EQ(memory.slot().read().run, 1u);
  EXPECT_EQ(first.publish(numbered(2)), 0u);
  EXPECT_TRUE(first.replaced());
  EXPECT_EQ(memory.slot().read().run, 1u);
  EXPECT_NE(second.publish(numbered(3)), 0u);
  for (int k = 0; k < 5; ++k) EXPECT_EQ(first.publish(numbered(4)), 0u);
  EXPECT_EQ(memory.slot().read().run, 3u);
  EXPECT_FALSE(second.replaced());
}

TEST(AnswerSlot, ANudgeRepeatsTheDecision) {
  AnswerSlot slot;
  AnswerSlot::Writer writer(slot, 0);
  int asked = 0;
  EXPECT_NE(writer.publish(numbered(1),
                           [&](Answer& answer) {
                             answer.run = 5;
                             if (++asked < 4) slot.nudge();
                             return true;
                           }),
            0u);
  EXPECT_EQ(asked, 4);
  EXPECT_EQ(slot.read().run, 5u);
  EXPECT_EQ(writer.publish(numbered(2), [](Answer&) { return false; }), 0u);
  EXPECT_FALSE(writer.replaced());
  EXPECT_EQ(slot.read().run, 5u);
  for (int k = 0; k < 70000; ++k) slot.nudge();  // More than the counter holds.
  EXPECT_NE(writer.publish(numbered(3)), 0u);
  EXPECT_EQ(slot.read().run, 3u);
}

// A single damaged bit anywhere loses at most the newest answer, and the writer continues.
TEST(AnswerSlot, ToleratesADamagedBit) {
  for (std::size_t bit = 0; bit < 8 * sizeof(Slot); ++bit) {
    Bytes memory;
    Slot::Writer writer(memory.slot(), 0);
    for (std::uint64_t k = 1; k <= 3; ++k) writer.publish(numbered(k));
    memory.bytes[bit / 8] ^= static_cast<unsigned char>(1u << bit % 8);
    const Answer answer = memory.slot().read();
    ASSERT_TRUE(is_whole(answer)) << bit;
    ASSERT_TRUE(answer.run == 3 || answer.run == 2) << bit;
    if (bit / 8 < kHead) {
      ASSERT_EQ(answer.run, 3u) << "only the head is damaged, bit " << bit;
    }
    ASSERT_NE(writer.publish(numbered(4)), 0u) << bit;
    ASSERT_EQ(memory.slot().read().run, 4u) << bit;
    ASSERT_FALSE(writer.replaced()) << bit;
  }
}

// In a copy of the memory taken during writes, every word may be from a different moment.
TEST(AnswerSlot, ACopyTakenDuringWritesHasACompleteAnswer) {
  std::mt19937 random(3);
  std::vector<Bytes> moments(4);
  for (std::size_t m = 0; m < moments.size(); ++m) {
    Slot::Writer writer(moments[m].slot(), 0);
    for (std::uint64_t i = 1; i <= 10 + m; ++i) writer.publish(numbered(i));
  }
  int found = 0;
  constexpr int kTrials = 20000;
  for (int trial = 0; trial < kTrials; ++trial) {
    Bytes copy;
    const std::size_t first = random() % moments.size();
    for (std::size_t word = 0; word < sizeof(Slot); word += 8) {
      const Bytes& moment = moments[trial % 2 == 0 ? std::min<std::size_t>(first + random() % 2, 3) : random() % 4];
      std::memcpy(copy.bytes + word, moment.bytes + word, 8);
    }
    const Answer answer = copy.slot().read();
    if (!answer.exists()) continue;
    ASSERT_TRUE(is_whole(answer));
    ++found;
  }
  // If the words are from two consecutive moments, only one record has changed and the other one is intact.
  EXPECT_GT(found, kTrials * 2 / 5);
}

TEST(AnswerSlot, GarbageContainsNoAnswerAndCanBeTakenOver) {
  std::mt19937 random(5);
  for (int trial = 0; trial < 200; ++trial) {
    Bytes memory;
    for (unsigned char& byte : memory.bytes) byte = trial == 0 ? 0xff : static_cast<unsigned char>(random());
    EXPECT_FALSE(memory.slot().read().exists());
    Slot::Writer writer(memory.slot(), trial % 2);
    EXPECT_FALSE(memory.slot().read().exists());
    writer.publish(numbered(8));
    ASSERT_EQ(memory.slot().read().run, 8u);
  }
}

/// Changes the sequence number of the current record to `sequence`, like its writer: the checksum is a sum of one term
/// per word, and the head holds the lower 44 bits.
void renumber(Bytes& memory, std::uint64_t sequence) {
  const auto term = [](std::uint64_t word) {
    word += 0x9e3779b97f4a7c15u;
    word ^= word >> 30;
    word *= 0xbf58476d1ce4e5b9u;
    word ^= word >> 27;
    word *= 0x94d049bb133111ebu;
    return word ^ (word >> 31);
  };
  std::uint64_t head = 0, old = 0, sum = 0;
  std::memcpy(&head, memory.bytes, 8);
  unsigned char* const record = memory.bytes + 64 + 128 * (head % 16);
  std::memcpy(&old, record, 8);
  std::memcpy(&sum, record + 56, 8);
  sum += term(sequence) - term(old);
  head = (sequence << 4 & 0xffffffffffffu) | head % 16;
  std::memcpy(record, &sequence, 8);
  std::memcpy(record + 56, &sum, 8);
  std::memcpy(memory.bytes, &head, 8);
}

TEST(AnswerSlot, TheSequenceNumberMayExceedTheHeadsBits) {
  Bytes memory;
  Slot::Writer(memory.slot(), 0).publish(numbered(1));
  constexpr std::uint64_t kLimit = std::uint64_t{1} << 44;
  renumber(memory, kLimit - 3);
  ASSERT_EQ(memory.slot().read().sequence, kLimit - 3);
  Slot::Writer writer(memory.slot(), 1);
  std::uint64_t last = memory.slot().read().sequence;
  for (std::uint64_t k = 2; k < 12; ++k) {
    EXPECT_EQ(writer.publish(numbered(k)), ++last);
    EXPECT_EQ(memory.slot().read().run, k);
    EXPECT_EQ(memory.slot().read().sequence, last);
  }
  EXPECT_GT(last, kLimit);
}

}  // namespace
}  // namespace einet
