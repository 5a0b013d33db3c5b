#include "einet/answer.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <random>
#include <thread>
#include <vector>

namespace einet {
namespace {

/// An answer whose every field follows from `k`, so that a mixture of two answers is recognised.
Answer numbered(std::uint64_t k) {
  return {.label = static_cast<std::int32_t>(k * 7 % 1000),
          .exit = static_cast<std::int32_t>(k % 40),
          .confidence = static_cast<float>(k % 1024) / 1024.0f,
          .run = k,
          .elapsed = std::chrono::nanoseconds(static_cast<std::int64_t>(k * 1000 + 3))};
}

bool same(const Answer& a, const Answer& b) {
  return a.label == b.label && a.exit == b.exit && a.confidence == b.confidence && a.run == b.run &&
         a.elapsed == b.elapsed;
}

static_assert(std::is_standard_layout_v<AnswerSlot>);
static_assert(std::is_trivially_destructible_v<AnswerSlot>);

/// The slot's bytes as a file or a shared mapping would hold them.
struct Bytes {
  alignas(AnswerSlot) unsigned char bytes[sizeof(AnswerSlot)] = {};
  AnswerSlot& slot() { return *reinterpret_cast<AnswerSlot*>(bytes); }
};

TEST(AnswerSlot, ZeroedMemoryHoldsNoAnswer) {
  Bytes memory;
  EXPECT_FALSE(memory.slot().read().exists());
  EXPECT_EQ(memory.slot().read().sequence, 0u);
}

TEST(AnswerSlot, ReadsWhatWasPublishedLast) {
  AnswerSlot slot;
  for (std::uint32_t k = 1; k < 10; ++k) {
    EXPECT_EQ(slot.publish(numbered(k)), k);
    EXPECT_TRUE(same(slot.read(), numbered(k)));
    EXPECT_EQ(slot.read().sequence, k);
  }
}

TEST(AnswerSlot, KeepsNegativeAndExtremeFields) {
  AnswerSlot slot;
  const Answer odd{.label = std::numeric_limits<std::int32_t>::min(),
                   .exit = -1,
                   .confidence = -0.0f,
                   .run = ~std::uint64_t{0},
                   .elapsed = std::chrono::nanoseconds::min()};
  slot.publish(odd);
  EXPECT_TRUE(same(slot.read(), odd));
  EXPECT_FALSE(slot.read().exists());
}

TEST(AnswerSlot, ReadersOnlySeeWholeAnswersInOrder) {
  AnswerSlot slot;
  constexpr std::uint64_t kPublications = 200'000;
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  std::vector<std::uint64_t> seen(3);
  for (std::size_t r = 0; r < seen.size(); ++r) {
    readers.emplace_back([&, r] {
      std::uint64_t last = 0;
      while (!done.load(std::memory_order_acquire)) {
        const Answer answer = slot.read();
        ASSERT_TRUE(answer.exists() || last == 0);
        if (!answer.exists()) continue;
        ASSERT_TRUE(same(answer, numbered(answer.run)));
        ASSERT_EQ(answer.sequence, answer.run);
        ASSERT_GE(answer.run, last);
        last = answer.run;
        ++seen[r];
      }
    });
  }
  for (std::uint64_t k = 1; k <= kPublications; ++k) slot.publish(numbered(k));
  done.store(true, std::memory_order_release);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(slot.read().run, kPublications);
}

// A writer that dies leaves a prefix of its stores behind. Whatever part of the bytes that change is already there, in
// whatever order but the index last, readers have the previous answer.
TEST(AnswerSlot, AWriterThatDiesInTheMiddleLeavesThePreviousAnswer) {
  std::mt19937 random(1);
  for (std::uint64_t k = 1; k <= 6; ++k) {
    Bytes before;
    for (std::uint64_t i = 1; i <= k; ++i) before.slot().publish(numbered(i));
    Bytes after = before;
    after.slot().publish(numbered(k + 1));
    std::vector<std::size_t> changed;
    for (std::size_t i = sizeof(std::uint64_t); i < sizeof(AnswerSlot); ++i) {  // all but the index
      if (before.bytes[i] != after.bytes[i]) changed.push_back(i);
    }
    ASSERT_FALSE(changed.empty());
    for (int trial = 0; trial < 50; ++trial) {
      if (trial > 0) std::shuffle(changed.begin(), changed.end(), random);
      Bytes dying = before;
      for (const std::size_t i : changed) {
        dying.bytes[i] = after.bytes[i];
        ASSERT_TRUE(same(dying.slot().read(), numbered(k)));
      }
      // The next writer over the same memory goes on.
      dying.slot().publish(numbered(100));
      ASSERT_TRUE(same(dying.slot().read(), numbered(100)));
      ASSERT_EQ(dying.slot().read().sequence, k + 1);
    }
  }
}

TEST(AnswerSlot, ADamagedRecordIsRecognised) {
  for (std::size_t i = sizeof(std::uint64_t); i < sizeof(AnswerSlot); ++i) {
    Bytes memory;
    for (std::uint64_t k = 1; k <= 3; ++k) memory.slot().publish(numbered(k));
    const Bytes intact = memory;
    memory.bytes[i] ^= 0x10;
    const Answer answer = memory.slot().read();
    // Of the current record: the answer before. Elsewhere (padding, the other record): no harm.
    ASSERT_TRUE(same(answer, numbered(3)) || same(answer, numbered(2))) << "byte " << i;
    memory = intact;
    ASSERT_TRUE(same(memory.slot().read(), numbered(3)));
  }
}

TEST(AnswerSlot, TheFirstAnswerDamagedIsNone) {
  Bytes memory;
  memory.slot().publish(numbered(1));
  memory.bytes[sizeof(AnswerSlot) - 64] ^= 1;  // first word of record 1
  EXPECT_FALSE(memory.slot().read().exists());
}

TEST(AnswerSlot, SurvivesTheDeathOfTheWritingProcess) {
  void* const memory = ::mmap(nullptr, sizeof(AnswerSlot), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  auto* const slot = static_cast<AnswerSlot*>(memory);
  std::uint64_t last = 0;
  for (int round = 0; round < 20; ++round) {
    const pid_t writer = ::fork();
    ASSERT_GE(writer, 0);
    if (writer == 0) {
      for (std::uint64_t k = last + 1;; ++k) slot->publish(numbered(k));
    }
    while (slot->read().run < last + 1000u + 37u * static_cast<unsigned>(round)) {
    }
    const Answer before = slot->read();
    ::kill(writer, SIGKILL);
    ::waitpid(writer, nullptr, 0);
    const Answer after = slot->read();
    ASSERT_TRUE(same(after, numbered(after.run)));
    ASSERT_GE(after.run, before.run);
    last = after.run;
  }
  ::munmap(memory, sizeof(AnswerSlot));
}

}  // namespace
}  // namespace einet
