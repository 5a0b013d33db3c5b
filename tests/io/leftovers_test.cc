// Leftovers of writers that were killed or are about to be, and files that must not be mistaken for them.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "expect_error.h"
#include "io/file.h"
#include "io/file_lock.h"
#include "io/hidden_name.h"
#include "io/partial_file.h"
#include "io/staged_directory.h"
#include "io/temporary_directory.h"

namespace einet::io {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;
using std::chrono::milliseconds;

void write_directory(const fs::path& path, const std::string& content) {
  StagedDirectory staged(path);
  staged.write("manifest", content);
  staged.commit();
}

TEST(Leftovers, RecognisesTemporaryNames) {
  const fs::path place = "folder/net.onnx";
  EXPECT_TRUE(is_name_beside(place, "partial", name_beside(place, "partial").filename()));
  EXPECT_TRUE(is_name_beside(place, "partial", ".net.onnx.1-22.partial"));
  for (const char* other :
       {".net.onnx.1-22.old", ".other.onnx.1-22.partial", ".net.onnx.partial", ".net.onnx.1.partial",
        ".net.onnx.-.partial", ".net.onnx.a-1.partial", "net.onnx.1-22.partial", ".net.onnx.1-2partial"}) {
    EXPECT_FALSE(is_name_beside(place, "partial", other)) << other;
  }
  const fs::path longest = "folder/" + std::string(255, 'n');
  EXPECT_LT(name_beside(longest, "partial").filename().string().size(), 256u);
  EXPECT_TRUE(is_name_beside(longest, "partial", name_beside(longest, "partial").filename()));
}

TEST(Leftovers, RemovesThoseOfKilledWritersOfTheSameFile) {
  const TemporaryDirectory folder;
  for (const char* name : {".f.999999-1.partial", ".g.999999-1.partial", ".f.partial", ".f.1-1.partial.bak"}) {
    write_file(folder / name, "left");
  }
  fs::create_symlink(".g.999999-1.partial", folder / ".f.1-2.partial");
  write_file(folder / "f", "x");
  EXPECT_EQ(folder.names(), (Names{"f", ".g.999999-1.partial", ".f.partial", ".f.1-1.partial.bak", ".f.1-2.partial"}));
}

TEST(Leftovers, KeepsFilesOfRunningWriters) {
  const TemporaryDirectory folder;
  PartialFile living(folder / "f", 0666, "f");
  write_file(folder / "f", "other");
  write_all(living.file(), "f", "living");
  living.put_in_place();
  EXPECT_EQ(read_file(folder / "f"), "living");
  EXPECT_EQ(folder.names(), Names{"f"});
}

TEST(Leftovers, SkipsNamesInUse) {
  const TemporaryDirectory folder;
  const std::string taken = name_beside(folder / "f", "partial").filename();
  const std::size_t dash = taken.find('-');
  const int next = std::stoi(taken.substr(dash + 1)) + 1;
  const fs::path name = folder / (taken.substr(0, dash + 1) + std::to_string(next) + ".partial");
  fs::create_directory(
      name);  // As left by an earlier process with this number; a directory is never a leftover of a file.
  write_file(folder / "f", "x");
  EXPECT_EQ(read_file(folder / "f"), "x");
  EXPECT_TRUE(fs::is_directory(name));
}

TEST(Leftovers, RemovesThoseOfKilledWritersOfTheSameDirectory) {
  const TemporaryDirectory folder;
  write_directory(folder / "d", "old");
  for (const char* name : {".d.999999-1.partial/deep", ".d.999999-2.old/deep", ".e.999999-1.partial"}) {
    fs::create_directories(folder / name);
  }
  write_file(folder / ".d.lock", "");  // From a writer that was killed while it held the lock.
  write_directory(folder / "d", "new");
  EXPECT_EQ(folder.names(), (Names{"d", ".e.999999-1.partial"}));
}

TEST(Leftovers, RestoresTheOldDirectoryIfItIsTheOnlyCopy) {
  const TemporaryDirectory folder;
  write_directory(folder / ".d.999999-2.old", "old");
  finish_interrupted_replacement(folder / "d");
  EXPECT_EQ(read_file(folder / "d/manifest"), "old");
  EXPECT_EQ(folder.names(), Names{"d"});
  finish_interrupted_replacement(folder / "absent");
  EXPECT_EQ(folder.names(), Names{"d"});
}

TEST(Lock, ExcludesOthersAndRemovesItsFile) {
  const TemporaryDirectory folder;
  {
    const DirectoryLock lock(folder / "d", "d");
    if (!lock.excludes_others()) GTEST_SKIP() << "this file system has no locks";
    expect_error(ErrorKind::kIo, "d: another command is changing it",
                 [&] { DirectoryLock(folder / "d", "d", milliseconds(30)); });
    EXPECT_EQ(folder.names(), Names{".d.lock"});
  }
  EXPECT_TRUE(folder.names().empty());
  const DirectoryLock again(folder / "d", "d", milliseconds(0));
}

TEST(Lock, IsHeldByOneAtATime) {
  const TemporaryDirectory folder;
  std::atomic<int> inside{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const DirectoryLock lock(folder / "d", "d");
        EXPECT_EQ(inside.fetch_add(1), 0);
        std::this_thread::yield();
        inside.fetch_sub(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(folder.names().empty());
}

TEST(Lock, DoesNotHoldAnUnlinkedFile) {
  const TemporaryDirectory folder;
  write_file(folder / "l", "");
  const Descriptor file(::open((folder / "l").c_str(), O_RDWR | O_CLOEXEC));
  fs::remove(folder / "l");
  EXPECT_EQ(lock(file, folder / "l"), LockState::kTaken);
  write_file(folder / "l", "");
  EXPECT_EQ(lock(file, folder / "l"), LockState::kTaken) << "a newer file";
}

// As when a signal ends the process during a write.
TEST(AbandonWrites, RemovesUnfinishedWrites) {
  const TemporaryDirectory folder;
  write_directory(folder / "d", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    PartialFile file(folder / "f", 0666, "f");
    StagedDirectory directory(folder / "d");
    directory.write("deep/er/file", "new");
    abandon_writes();
    ::_exit(0);
  }
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  EXPECT_EQ(folder.names(), Names{"d"});
  EXPECT_EQ(read_file(folder / "d/manifest"), "old");
}

}  // namespace
}  // namespace einet::io
