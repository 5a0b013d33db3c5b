#include "runtime/persister.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <thread>

#include "einet/error.h"
#include "einet/shared_slot.h"
#include "expect_error.h"
#include "io/temporary_directory.h"
#include "runtime/answer_slot.h"
#include "runtime/fake_program.h"
#include "runtime/numbered_answer.h"

namespace einet {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::fake_model;
using testing::is_whole;
using testing::numbered;

constexpr std::size_t kPage = 4096;
const std::string kDigest = std::string(63, 'b') + "0";

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

std::function<Answer()> reads(const AnswerSlot& slot) {
  return [&slot] { return slot.read(); };
}

/// The file after one more answer was persisted.
std::string persist(const fs::path& path, const Answer& answer) {
  AnswerSlot slot;
  AnswerSlot::Writer writer(slot, 0);
  writer.publish(answer);
  Persister(reads(slot), path, Seconds(1), kDigest, {});  // Writes when it is destroyed.
  return bytes_of(path);
}

TEST(Persister, WritesTheLastAnswer) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "answer";
  AnswerSlot slot;
  AnswerSlot::Writer writer(slot, 0);
  {
    const Persister persister(reads(slot), path, Seconds(1e-3), kDigest, {});
    EXPECT_FALSE(read_stored_answer(path).answer.exists());
    for (std::uint64_t k = 1; k <= 20; ++k) {
      writer.publish(numbered(k));
      const auto limit = Clock::now() + 30s;
      while (read_stored_answer(path).answer.run != k && Clock::now() < limit) std::this_thread::sleep_for(1ms);
      ASSERT_EQ(read_stored_answer(path).answer.run, k) << persister.failure();
    }
    EXPECT_EQ(persister.failure(), "");
    writer.publish(numbered(21));
  }
  const StoredAnswer stored = read_stored_answer(path);
  EXPECT_EQ(stored.answer.run, 21u) << "the destructor writes the last answer";
  EXPECT_TRUE(is_whole(stored.answer));
  EXPECT_EQ(stored.model, kDigest);
  const auto age = std::chrono::system_clock::now() - stored.written;
  EXPECT_GE(age, 0s);
  EXPECT_LT(age, 1h);
  persist(path, numbered(22));
  EXPECT_EQ(read_stored_answer(path).answer.run, 22u) << "another process continues";
}

// After a power cut, any subset of the sectors of the page being written may have reached the disk.
TEST(Persister, ATornWriteLeavesThePreviousAnswer) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "answer";
  std::mt19937 random(1);
  std::string before = persist(path, numbered(1));
  for (std::uint64_t k = 2; k <= 5; ++k) {
    const std::string after = persist(path, numbered(k));
    int old = 0, fresh = 0;
    for (const std::size_t piece : {std::size_t{512}, std::size_t{8}, std::size_t{1}}) {
      for (int trial = 0; trial < 200; ++trial) {
        std::string torn = before;
        for (std::size_t at = 0; at < torn.size(); at += piece) {
          if (random() % 2 == 0) torn.replace(at, piece, after, at, piece);
        }
        write_bytes(path, torn);
        const Answer answer = read_stored_answer(path).answer;
        ASSERT_TRUE(is_whole(answer));
        ASSERT_TRUE(answer.run == k || answer.run == k - 1);
        (answer.run == k ? fresh : old) += 1;
      }
    }
    EXPECT_GT(old, 0);
    EXPECT_GT(fresh, 0);
    for (const std::size_t page : {std::size_t{0}, kPage}) {  // or garbage instead
      std::string damaged = after;
      if (damaged.substr(page, kPage) == before.substr(page, kPage)) continue;
      for (std::size_t at = page; at < page + kPage; ++at) damaged[at] = static_cast<char>(random());
      write_bytes(path, damaged);
      ASSERT_EQ(read_stored_answer(path).answer.run, k - 1);
    }
    write_bytes(path, after);
    before = after;
  }
}

TEST(Persister, RejectsOtherFilesWithoutChangingThem) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "answer";
  const AnswerSlot slot;
  expect_error(ErrorKind::kNotFound, path.string(), [&] { read_stored_answer(path); });
  for (const std::string& bad : {std::string("x"), std::string(2 * kPage, 'x'), std::string(2 * kPage + 1, '\0')}) {
    write_bytes(path, bad);
    expect_error(ErrorKind::kInvalidData, path.string(), [&] { read_stored_answer(path); });
    expect_error(ErrorKind::kInvalidData, path.string(), [&] { Persister(reads(slot), path, Seconds(1), "", {}); });
    EXPECT_EQ(bytes_of(path), bad);
  }
  write_bytes(path, std::string(5000, '\0'));  // Left by a process that was killed while creating the file.
  Persister(reads(slot), path, Seconds(1), "", {});
  EXPECT_FALSE(read_stored_answer(path).answer.exists());
  fs::remove(path);
  const Persister persister(reads(slot), path, Seconds(1), "", {});
  expect_error(ErrorKind::kIo, "in use by another session", [&] { Persister(reads(slot), path, Seconds(1), "", {}); });
  for (const double every :
       {0.0, -1.0, std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    expect_error(ErrorKind::kUsage, "above 0",
                 [&] { Persister(reads(slot), directory.path() / "other", Seconds(every), "", {}); });
  }
}

TEST(Persister, KeepsTheAnswersOfASession) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "answer";
  SessionOptions options;
  options.persist = path;
  {
    Session session(fake_model(3, 1us), options);
    session.start(std::vector<float>{5}, {.frame = 77});
    session.wait();
    EXPECT_EQ(session.persist_failure(), "");
  }
  EXPECT_EQ(read_stored_answer(path).answer.frame, 77u);
  EXPECT_EQ(read_stored_answer(path).answer.exit, 2);
  options.persist = "/nowhere/answer";
  expect_error(ErrorKind::kIo, "/nowhere", [&] { Session refused(fake_model(3, 1us), options); });
}

}  // namespace
}  // namespace einet
