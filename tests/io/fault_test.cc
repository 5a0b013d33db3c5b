// Every writer is killed before each of its system calls, and each of these calls is made to fail. Afterwards either
// the old or the new content must be there, complete, and the next writer must leave no other files.

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include "io/faults.h"
#include "io/file.h"
#include "io/replace_directory.h"
#include "io/staged_directory.h"
#include "io/temporary_directory.h"

namespace einet::io {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

constexpr int kMany = 1000;

void write_directory(const fs::path& path, const std::string& content) {
  StagedDirectory staged(path);
  staged.write("manifest", content);
  staged.write("deep/file", content);
  staged.commit();
}

/// The content of the directory's two files, which must be equal.
std::string content_of(const fs::path& path) {
  const std::string content = read_file(path / "manifest");
  EXPECT_EQ(read_file(path / "deep/file"), content);
  EXPECT_EQ(std::distance(fs::recursive_directory_iterator(path), {}), 3);
  return content;
}

TEST(Fault, KilledFileWriterLeavesOldOrNew) {
  for (const bool replaces : {false, true}) {
    std::set<std::string> seen;
    int n = 0;
    for (bool killed = true; killed; ++n) {
      ASSERT_LT(n, kMany);
      const TemporaryDirectory folder;
      if (replaces) write_file(folder / "f", "old");
      killed = killed_at(n, [&] { write_file(folder / "f", "new"); });
      seen.insert(fs::exists(folder / "f") ? read_file(folder / "f") : "none");
      write_file(folder / "f", "newer");
      EXPECT_EQ(read_file(folder / "f"), "newer");
      EXPECT_EQ(folder.names(), Names{"f"}) << "killed at call " << n;
    }
    EXPECT_EQ(seen, (Names{replaces ? "old" : "none", "new"}));
    EXPECT_GE(n, 5) << "open, write, fsync, rename, fsync";
  }
}

TEST(Fault, FailingFileWriterLeavesOldFile) {
  for (const int error : {ENOSPC, EIO}) {
    for (int n = 0;; ++n) {
      ASSERT_LT(n, kMany);
      const TemporaryDirectory folder;
      write_file(folder / "f", "old");
      const Fault fault = failing_at(n, error, [&] { write_file(folder / "f", "new"); });
      EXPECT_EQ(fault.complaint.has_value(), !fault.call.empty()) << fault.call;
      EXPECT_EQ(folder.names(), Names{"f"}) << fault.call;
      if (fault.call.empty()) break;
      EXPECT_EQ(fault.complaint->kind(), ErrorKind::kIo);
      const std::string left = read_file(folder / "f");
      EXPECT_TRUE(left == "old" || (left == "new" && fault.call == "fsync")) << fault.call;
    }
  }
}

TEST(Fault, KilledDirectoryWriterLeavesOldOrNew) {
  for (const bool replaces : {false, true}) {
    std::set<std::string> seen;
    int n = 0;
    for (bool killed = true; killed; ++n) {
      ASSERT_LT(n, kMany);
      const TemporaryDirectory folder;
      if (replaces) write_directory(folder / "d", "old");
      killed = killed_at(n, [&] { write_directory(folder / "d", "new"); });
      seen.insert(fs::exists(folder / "d") ? content_of(folder / "d") : "none");
      write_directory(folder / "d", "newer");
      EXPECT_EQ(content_of(folder / "d"), "newer");
      EXPECT_EQ(folder.names(), Names{"d"}) << "killed at call " << n;
    }
    EXPECT_EQ(seen, (Names{replaces ? "old" : "none", "new"}));
  }
}

TEST(Fault, FailingDirectoryWriterLeavesOldDirectory) {
  for (const bool replaces : {false, true}) {
    for (const int error : {ENOSPC, EIO}) {
      for (int n = 0;; ++n) {
        ASSERT_LT(n, kMany);
        const TemporaryDirectory folder;
        if (replaces) write_directory(folder / "d", "old");
        const Fault fault = failing_at(n, error, [&] { write_directory(folder / "d", "new"); });
        const bool removing = fault.call == "unlink" || fault.call == "rmdir";
        EXPECT_EQ(fault.complaint.has_value(), !fault.call.empty() && !removing) << fault.call;
        const std::string left = fs::exists(folder / "d") ? content_of(folder / "d") : "none";
        EXPECT_EQ(left, fault.complaint ? (replaces ? "old" : "none") : "new") << fault.call << " " << n;
        if (!removing) {
          EXPECT_EQ(folder.names(), left == "none" ? Names{} : Names{"d"}) << fault.call << " " << n;
        }
        write_directory(folder / "d", "newer");
        EXPECT_EQ(folder.names(), Names{"d"}) << fault.call << " " << n;
        if (fault.call.empty()) break;
      }
    }
  }
}

TEST(Fault, DirectoryWriterWithoutAtomicExchange) {
  for (int n = -1;; ++n) {  // -1: no other fault.
    ASSERT_LT(n, kMany);
    const TemporaryDirectory folder;
    write_directory(folder / "d", "old");
    int calls = 0;
    std::string failed;
    system_calls::set_probe([&](std::string_view call) {
      if (call == "renameat2") return EINVAL;
      if (calls++ != n) return 0;
      failed = call;
      return EIO;
    });
    bool complained = false;
    try {
      write_directory(folder / "d", "new");
    } catch (const Error&) {
      complained = true;
    }
    system_calls::set_probe({});
    const bool removing = failed == "unlink" || failed == "rmdir";
    EXPECT_EQ(complained, !failed.empty() && !removing) << failed;
    EXPECT_EQ(content_of(folder / "d"), complained ? "old" : "new") << failed;
    write_directory(folder / "d", "newer");
    EXPECT_EQ(folder.names(), Names{"d"}) << failed;
    if (n >= 0 && failed.empty()) break;
  }
}

// Without the atomic exchange there is an instant at which neither directory is in place.
TEST(Fault, ReaderFinishesInterruptedRenames) {
  std::set<std::string> seen;
  int n = 0;
  for (bool killed = true; killed; ++n) {
    ASSERT_LT(n, kMany);
    const TemporaryDirectory folder;
    write_directory(folder / "d", "old");
    write_directory(folder / ".d.1-1.partial", "new");
    killed = killed_at(n, [&] { replace_by_two_renames(folder / ".d.1-1.partial", folder / "d", folder / "d"); });
    finish_interrupted_replacement(folder / "d");  // As a reader does when nothing is there.
    seen.insert(content_of(folder / "d"));
    write_directory(folder / "d", "newer");
    EXPECT_EQ(folder.names(), Names{"d"}) << "killed at call " << n;
  }
  EXPECT_EQ(seen, (Names{"old", "new"}));
}

}  // namespace
}  // namespace einet::io
