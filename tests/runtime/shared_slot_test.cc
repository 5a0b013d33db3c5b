#include "einet/shared_slot.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "einet/error.h"
#include "expect_error.h"
#include "io/temporary_directory.h"
#include "runtime/numbered_answer.h"
#include "runtime/shared_memory.h"

namespace einet {
namespace {

namespace fs = std::filesystem;
using testing::is_whole;
using testing::numbered;

const std::string kDigest(64, 'a');

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

TEST(SharedSlot, IsCreatedOnceAndKeepsItsAnswer) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "slot";
  expect_error(ErrorKind::kNotFound, path.string(), [&] { SharedSlot::attach(path); });
  {
    const auto slot = SharedSlot::create(path);
    EXPECT_FALSE(slot->read().exists());
    EXPECT_FALSE(slot->owner().alive);
    EXPECT_EQ(slot->owner().process, 0);
    EXPECT_EQ(slot->model(), "");
    SharedWriter writer(slot, kDigest, false);
    writer.publish(numbered(1));
  }
  const auto again = SharedSlot::create(path);
  EXPECT_EQ(again->read().run, 1u);
  const auto reader = SharedSlot::attach(path);
  EXPECT_TRUE(is_whole(reader->read()));
  EXPECT_EQ(reader->model(), kDigest);
  EXPECT_EQ(reader->owner().process, ::getpid());
  EXPECT_EQ(reader->owner().epoch, 1u);
  EXPECT_FALSE(reader->owner().alive);
  SharedWriter writer(again, "", false);
  EXPECT_TRUE(reader->owner().alive);
  EXPECT_TRUE(again->owner().alive);
  EXPECT_EQ(reader->owner().epoch, 2u);
  EXPECT_EQ(reader->model(), kDigest) << "the answer is still from the other model";
  EXPECT_EQ(reader->read().run, 1u);
  writer.publish(numbered(2));
  EXPECT_EQ(reader->model(), "");
}

TEST(SharedSlot, ReadersNeedNoWritePermission) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "slot";
  const auto slot = SharedSlot::create(path);
  SharedWriter writer(slot, kDigest, false);
  writer.publish(numbered(3));
  ::chmod(path.c_str(), 0444);
  const auto reader = SharedSlot::attach(path);
  const auto by_descriptor = SharedSlot::attach(slot->descriptor());
  writer.publish(numbered(4));
  EXPECT_EQ(reader->read().run, 4u);
  EXPECT_EQ(by_descriptor->read().run, 4u);
}

TEST(SharedSlot, OneWriterAtATime) {
  const auto slot = SharedSlot::create_anonymous();
  auto first = std::make_unique<SharedWriter>(slot, kDigest, false);
  first->publish(numbered(1));
  expect_error(ErrorKind::kIo, "process " + std::to_string(::getpid()) + " publishes into it",
               [&] { SharedWriter refused(slot, kDigest, false); });
  SharedWriter second(slot, kDigest, true);
  EXPECT_EQ(slot->read().run, 1u);
  first->publish(numbered(2));
  EXPECT_TRUE(first->replaced());
  EXPECT_EQ(slot->read().run, 1u);
  second.publish(numbered(3));
  first.reset();
  EXPECT_TRUE(slot->owner().alive);
  EXPECT_EQ(slot->read().run, 3u);
}

TEST(SharedSlot, RecordsOfLivingWritersAreNotReused) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "slot";
  std::vector<std::unique_ptr<SharedWriter>> writers;
  for (int k = 0; k < SharedMemory::kWriters; ++k) {
    writers.push_back(std::make_unique<SharedWriter>(SharedSlot::create(path), kDigest, true));
    writers.back()->publish(numbered(static_cast<std::uint64_t>(k) + 1));
  }
  const auto slot = SharedSlot::create(path);
  expect_error(ErrorKind::kIo, "all 8 sessions", [&] { SharedWriter refused(slot, kDigest, true); });
  writers.erase(writers.begin() + 2);
  SharedWriter successor(slot, kDigest, true);
  EXPECT_EQ(slot->read().run, 8u);
  successor.publish(numbered(9));
  for (const auto& writer : writers) writer->publish(numbered(50));
  EXPECT_EQ(slot->read().run, 9u);
}

TEST(SharedSlot, ADeadWriterIsReplacedAutomatically) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "slot";
  for (std::uint64_t k = 1; k <= 20; ++k) {  // more often than the number of records
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      SharedWriter writer(SharedSlot::create(path), kDigest, false);
      writer.publish(numbered(k));
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    const auto reader = SharedSlot::attach(path);
    ASSERT_EQ(reader->read().run, k);
    ASSERT_EQ(reader->owner().process, child);
    ASSERT_FALSE(reader->owner().alive);
    ASSERT_EQ(reader->owner().epoch, k);
  }
}

TEST(SharedSlot, AStoppedWriterIsAliveUntilItIsReplaced) {
  const auto slot = SharedSlot::create_anonymous();
  const std::string path = "/proc/self/fd/" + std::to_string(slot->descriptor());
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    SharedWriter writer(SharedSlot::create(path), kDigest, false);
    for (std::uint64_t k = 1; !writer.replaced(); ++k) writer.publish(numbered(k));
    ::_exit(7);
  }
  while (slot->read().run < 100) std::this_thread::yield();
  ::kill(child, SIGSTOP);
  int status = 0;
  ::waitpid(child, &status, WUNTRACED);
  const Answer before = slot->read();
  EXPECT_TRUE(slot->owner().alive);
  expect_error(ErrorKind::kIo, "process " + std::to_string(child), [&] { SharedWriter refused(slot, kDigest, false); });
  SharedWriter successor(slot, kDigest, true);
  EXPECT_EQ(slot->read().run, before.run);
  successor.publish(numbered(5));
  ::kill(child, SIGCONT);
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(slot->read().run, 5u);
}

TEST(SharedSlot, RejectsOtherFilesWithoutChangingThem) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "slot";
  SharedSlot::create(path);
  const std::string good = bytes_of(path);
  std::string magic = good, version = good;
  magic[0] ^= 1;
  version[12] ^= 2;
  const std::string all_ones(good.size(), '\xff'), zeros(good.size(), '\0');
  write_bytes(path, zeros);
  EXPECT_NO_THROW(SharedSlot::create(path)) << "left by a process that was killed while creating the slot";
  EXPECT_EQ(bytes_of(path), good);
  for (const std::string& bad : {good.substr(1), std::string("x"), std::string(8192, 'x')}) {
    write_bytes(path, bad);
    expect_error(ErrorKind::kInvalidData, path.string() + ": is not an answer slot", [&] { SharedSlot::reset(path); });
    expect_error(ErrorKind::kInvalidData, path.string() + ": is not an answer slot", [&] { SharedSlot::create(path); });
    EXPECT_EQ(bytes_of(path), bad) << "a file that is not a slot is not replaced";
  }
  for (const std::string& bad : {magic, version, all_ones, good + "x"}) {
    write_bytes(path, bad);
    expect_error(ErrorKind::kInvalidData, path.string() + ": is not an answer slot", [&] { SharedSlot::attach(path); });
    expect_error(ErrorKind::kInvalidData, path.string() + ": is not an answer slot", [&] { SharedSlot::create(path); });
    EXPECT_EQ(bytes_of(path), bad);
    SharedSlot::reset(path);
    EXPECT_EQ(bytes_of(path), good);
  }
  write_bytes(path, "");
  EXPECT_NO_THROW(SharedSlot::create(path)) << "an empty file is treated like a missing one";
  expect_error(ErrorKind::kInvalidData, "is not a regular file", [&] { SharedSlot::attach(directory.path()); });
  expect_error(ErrorKind::kIo, "/nowhere", [] { SharedSlot::create("/nowhere/slot"); });
}

TEST(SharedSlot, ASlotInUseIsNotReset) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "slot";
  const auto slot = SharedSlot::create(path);
  {
    SharedWriter writer(slot, kDigest, false);
    writer.publish(numbered(2));
    expect_error(ErrorKind::kIo, "is in use", [&] { SharedSlot::reset(path); });
    EXPECT_EQ(SharedSlot::attach(path)->read().run, 2u);
  }
  SharedSlot::reset(path);
  EXPECT_FALSE(SharedSlot::attach(path)->read().exists());
}

// Without space, the error is reported when the slot is created, not as SIGBUS when it is written.
TEST(SharedSlot, AFullFileSystemIsReportedAtCreation) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "slot";
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{1000, 1000};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      SharedSlot::create(path);
    } catch (const Error& error) {
      ::_exit(error.kind() == ErrorKind::kIo && !fs::exists(path) ? 0 : 1);
    }
    ::_exit(2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// Readers survive any damage after attaching, and only return answers that were published.
TEST(SharedSlot, ToleratesDamageOfTheFile) {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "slot";
  const auto slot = SharedSlot::create(path);
  SharedWriter writer(slot, kDigest, false);
  for (std::uint64_t k = 1; k <= 5; ++k) writer.publish(numbered(k));
  const std::string good = bytes_of(path);
  std::mt19937 random(1);
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(file, 0);
  for (std::size_t word = 0; word < good.size(); word += 8) {
    const std::uint64_t noise = random() * 0x100000001ull;
    ASSERT_EQ(::pwrite(file, &noise, 8, static_cast<off_t>(word)), 8);
    const Answer answer = slot->read();
    slot->owner();
    slot->model();
    ASSERT_TRUE(is_whole(answer)) << word;
    ASSERT_GE(answer.run, 4u) << word;
    ASSERT_EQ(::pwrite(file, good.data() + word, 8, static_cast<off_t>(word)), 8);
  }
  for (int trial = 0; trial < 2000; ++trial) {
    for (std::size_t word = 64; word < good.size(); word += 8) {
      const std::uint64_t noise = random() * 0x100000001ull;
      if (random() % 3 == 0) {
        ASSERT_EQ(::pwrite(file, &noise, 8, static_cast<off_t>(word)), 8);
      }
    }
    const Answer answer = slot->read();
    if (answer.exists()) {
      ASSERT_TRUE(is_whole(answer));
    }
    if (trial % 20 == 0) {
      ASSERT_EQ(::pwrite(file, good.data(), good.size(), 0), static_cast<ssize_t>(good.size()));
    }
  }
  ::close(file);
}

}  // namespace
}  // namespace einet
