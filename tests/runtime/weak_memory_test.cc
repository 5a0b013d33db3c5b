// The slot under a memory model in which loads may return old values.
//
// The model. Every location has a list of all values ever stored to it. A thread has, for every location, a bound: the
// oldest value that it may still read. A load may return that value or any later one, and raises the bound. A release
// store carries the bounds of its thread, and an acquire load that reads it raises the reader's bounds to them.
// Read-modify-writes read the latest value. This is release-acquire consistency with the stores of a location in the
// order in which they are made; x86 and ARM allow no more.
//
// The enumeration. Writers do not depend on readers, so they run first, then a reader runs once for every possible
// choice of values. Two writers are interleaved by running the second one in the middle of the first, at every access.
//
// The checksum detects a mixture of two answers, and the reader falls back to an older answer; so the tests check for
// older ones.

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <map>
#include <vector>

#include "runtime/answer_slot.h"

namespace einet {
namespace {

constexpr std::size_t kMostLocations = 72;
std::size_t locations = 0;  ///< Number of locations of the tested slot; the first is its head.

using Bounds = std::array<std::uint8_t, kMostLocations>;

void raise(Bounds& bounds, const Bounds& other) {
  for (std::size_t i = 0; i < kMostLocations; ++i) bounds[i] = std::max(bounds[i], other[i]);
}

/// The choices of one execution, and the next one in depth-first order.
class Choices {
 public:
  /// 0 <= result < count.
  std::size_t choose(std::size_t count) {
    if (at_ == taken_.size()) taken_.push_back({0, count});
    return taken_[at_++].first;
  }
  /// False when all have been enumerated.
  bool next() {
    at_ = 0;
    while (!taken_.empty() && taken_.back().first + 1 == taken_.back().second) taken_.pop_back();
    if (taken_.empty()) return false;
    ++taken_.back().first;
    return true;
  }

 private:
  std::size_t at_ = 0;
  std::vector<std::pair<std::size_t, std::size_t>> taken_;
};

struct Machine {
  Bounds* thread = nullptr;      ///< Of the running thread.
  Choices* choices = nullptr;    ///< For loads; null = the latest value (writers).
  std::function<void()> before;  ///< Called before every access.
};
Machine machine;

/// A model of std::atomic<std::uint64_t>.
class ModelWord {
 public:
  std::uint64_t load(std::memory_order order) const {
    access();
    const std::size_t bound = (*machine.thread)[location_];
    const std::size_t at =
        machine.choices != nullptr ? bound + machine.choices->choose(stores_.size() - bound) : stores_.size() - 1;
    return read(at, order);
  }
  void store(std::uint64_t value, std::memory_order order) {
    access();
    append(value, order);
  }
  bool compare_exchange_strong(std::uint64_t& expected, std::uint64_t value, std::memory_order order,
                               std::memory_order) {
    access();
    const std::uint64_t now = read(stores_.size() - 1, order);
    if (now == expected) {
      append(value, order);
      return true;
    }
    expected = now;
    return false;
  }
  std::uint64_t fetch_add(std::uint64_t value, std::memory_order order) {
    access();
    const std::uint64_t now = read(stores_.size() - 1, order);
    append(now + value, order);
    return now;
  }

 private:
  struct Store {
    std::uint64_t value = 0;
    Bounds bounds{};
  };

  static void access() {
    if (machine.before) machine.before();
  }
  std::uint64_t read(std::size_t at, std::memory_order order) const {
    (*machine.thread)[location_] = static_cast<std::uint8_t>(at);
    if (order != std::memory_order_relaxed && order != std::memory_order_release) {
      raise(*machine.thread, stores_[at].bounds);
    }
    return stores_[at].value;
  }
  void append(std::uint64_t value, std::memory_order order) {
    (*machine.thread)[location_] = static_cast<std::uint8_t>(stores_.size());
    stores_.push_back({value, order == std::memory_order_relaxed ? Bounds{} : *machine.thread});
  }

  std::size_t location_ = locations++;
  std::vector<Store> stores_ = std::vector<Store>(1);
};

/// Two words are enough for a mixture.
struct ShortCodec {
  static constexpr int kWords = 3, kChecksum = 2;
  template <class Put>
  static void encode(const Answer& answer, Put&& put) {
    put(0, answer.sequence);
    put(1, answer.run);
  }
  template <class Get>
  static bool decode(Answer& answer, Get&& get) {
    answer.sequence = get(0);
    answer.run = get(1);
    answer.exit = answer.run > 0 ? 0 : -1;
    return true;
  }
};

template <int kWriters>
using Slot = BasicAnswerSlot<kWriters, ModelWord, ShortCodec>;

Answer of_run(std::uint64_t run) { return {.exit = 0, .run = run}; }

/// Runs `reader` once for every choice of values that its loads may return. Returns how many there are.
int enumerate(const std::function<void()>& reader) {
  Choices choices;
  int executions = 0;
  do {
    Bounds bounds{};
    machine = {.thread = &bounds, .choices = &choices, .before = {}};
    reader();
    ++executions;
  } while (choices.next() && !::testing::Test::HasFatalFailure());
  machine = {};
  return executions;
}

/// A publication, and the bounds of its writer after it: a reader with these bounds must see it or a newer one.
struct Published {
  std::uint64_t run = 0;
  Bounds bounds{};
};
using Publications = std::map<std::uint64_t, Published>;  // By sequence number.

/// Readers return a complete answer, none older than their bounds allow, and their bounds then include it. So no later
/// read returns an older one.
template <class AnySlot>
int expect_whole_and_in_order(const AnySlot& slot, const Publications& published) {
  constexpr std::size_t kHead = 0;
  int executions = 0;
  for (const auto& [least, known] : published) {
    executions += enumerate([&, least = least, &known = known] {
      *machine.thread = known.bounds;
      const Answer answer = slot.read();
      ASSERT_GE(answer.sequence, least);
      if (!answer.exists()) return;
      const auto found = published.find(answer.sequence);
      ASSERT_NE(found, published.end());
      ASSERT_EQ(answer.run, found->second.run);
      ASSERT_GE((*machine.thread)[kHead], found->second.bounds[kHead]);
    });
  }
  return executions;
}

TEST(WeakMemory, ReadersSeeCompleteAnswersInOrder) {
  for (std::uint64_t publications = 1; publications <= 4; ++publications) {
    locations = 0;
    Slot<1> slot;
    Bounds bounds{};
    Publications published{{0, Published{}}};
    machine = {.thread = &bounds, .choices = nullptr, .before = {}};
    Slot<1>::Writer writer(slot, 0);
    for (std::uint64_t k = 1; k <= publications; ++k) {
      const std::uint64_t sequence = writer.publish(of_run(2 * k));
      published[sequence] = {2 * k, bounds};
    }
    EXPECT_GT(expect_whole_and_in_order(slot, published), 50);
  }
}

TEST(WeakMemory, AWriterReplacedAtAnyAccessChangesNothing) {
  int moments = 0;
  for (bool more = true; more; ++moments) {
    locations = 0;
    Slot<2> slot;
    Bounds first_bounds{}, second_bounds{};
    Publications published{{0, Published{}}};
    machine = {.thread = &first_bounds, .choices = nullptr, .before = {}};
    Slot<2>::Writer first(slot, 0);
    const std::uint64_t before = first.publish(of_run(2));
    published[before] = {2, first_bounds};
    // The second takes over and publishes before access number `moments` of the first one's next publication.
    int accesses = 0;
    machine.before = [&] {
      if (accesses++ != moments) return;
      const Machine interrupted = machine;
      machine = {.thread = &second_bounds, .choices = nullptr, .before = {}};
      Slot<2>::Writer second(slot, 1);
      published[second.sequence()] = {slot.read().run, second_bounds};
      const std::uint64_t sequence = second.publish(of_run(8));
      EXPECT_NE(sequence, 0u);
      published[sequence] = {8, second_bounds};
      machine = interrupted;
    };
    const std::uint64_t sequence = first.publish(of_run(4));
    more = accesses > moments;
    machine.before = {};
    if (more) {
      EXPECT_EQ(sequence, 0u) << moments;
      EXPECT_TRUE(first.replaced());
    } else {
      published[sequence] = {4, first_bounds};
    }
    expect_whole_and_in_order(slot, published);
  }
  EXPECT_GT(moments, 5);
}

}  // namespace
}  // namespace einet
