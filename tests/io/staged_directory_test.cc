#include <gtest/gtest.h>

#include "einet/io/file.h"
#include "expect_error.h"
#include "io/temporary_directory.h"
#include "replace_directory.h"

namespace einet::io {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

void make_directory(const fs::path& path, const std::string& content) {
  fs::create_directories(path / "deep");
  write_file(path / "manifest", content);
  write_file(path / "deep/file", content);
}

TEST(StagedDirectory, AppearsWhole) {
  const TemporaryDirectory folder;
  StagedDirectory staged(folder / "b.einet/");
  make_directory(staged.path(), "new");
  EXPECT_FALSE(fs::exists(folder / "b.einet"));
  staged.commit();
  EXPECT_EQ(read_file(folder / "b.einet/deep/file"), "new");
  EXPECT_EQ(folder.names(), Names{"b.einet"});
}

TEST(StagedDirectory, ReplacesWhatWasThere) {
  const TemporaryDirectory folder;
  make_directory(folder / "b", "old");
  write_file(folder / "b/stale", "old");
  {
    StagedDirectory staged(folder / "b");
    make_directory(staged.path(), "new");
    staged.commit();
  }
  EXPECT_EQ(read_file(folder / "b/manifest"), "new");
  EXPECT_FALSE(fs::exists(folder / "b/stale"));
  EXPECT_EQ(folder.names(), Names{"b"});
}

TEST(StagedDirectory, WithoutCommitNothingHappens) {
  const TemporaryDirectory folder;
  make_directory(folder / "b", "old");
  {
    StagedDirectory staged(folder / "b");
    make_directory(staged.path(), "new");
  }
  EXPECT_EQ(read_file(folder / "b/manifest"), "old");
  EXPECT_EQ(folder.names(), Names{"b"});
}

TEST(StagedDirectory, FailedCommitLeavesTheOldInPlace) {
  const TemporaryDirectory folder;
  make_directory(folder / "b", "old");
  {
    StagedDirectory staged(folder / "b");
    fs::remove_all(staged.path());
    expect_error(ErrorKind::kIo, "cannot", [&] { staged.commit(); });
  }
  EXPECT_EQ(read_file(folder / "b/manifest"), "old");
  EXPECT_EQ(folder.names(), Names{"b"});
}

TEST(StagedDirectory, RefusesAForeignPlace) {
  const TemporaryDirectory folder;
  fs::create_directory(folder / "home");
  write_file(folder / "home/diary", "dear");
  write_file(folder / "file", "x");
  {
    StagedDirectory over_home(folder / "home");
    make_directory(over_home.path(), "new");
    expect_error(ErrorKind::kIo, "is a directory with other files", [&] { over_home.commit(); });
    StagedDirectory over_file(folder / "file");
    make_directory(over_file.path(), "new");
    expect_error(ErrorKind::kIo, "is no directory", [&] { over_file.commit(); });
  }
  EXPECT_EQ(read_file(folder / "home/diary"), "dear");
  EXPECT_EQ(folder.names(), (Names{"home", "file"}));
  expect_error(ErrorKind::kIo, "cannot create", [&] { StagedDirectory(folder / "absent/b"); });
  expect_error(ErrorKind::kIo, "cannot be replaced", [&] { StagedDirectory("."); });
  expect_error(ErrorKind::kIo, "cannot be replaced", [&] { StagedDirectory("/"); });
}

TEST(ReplaceDirectory, ExchangeNeedsBoth) {
  const TemporaryDirectory folder;
  make_directory(folder / "a", "a");
  EXPECT_FALSE(exchange_directories(folder / "a", folder / "b"));
  make_directory(folder / "b", "b");
  if (!exchange_directories(folder / "a", folder / "b")) GTEST_SKIP() << "this file system cannot exchange names";
  EXPECT_EQ(read_file(folder / "a/manifest"), "b");
}

TEST(ReplaceDirectory, TwoRenames) {
  const TemporaryDirectory folder;
  make_directory(folder / "place", "old");
  make_directory(folder / "staging", "new");
  replace_by_two_renames(folder / "staging", folder / "place", folder / "aside");
  EXPECT_EQ(read_file(folder / "place/manifest"), "new");
  EXPECT_EQ(folder.names(), Names{"place"});
  // The second rename fails: the old directory returns.
  expect_error(ErrorKind::kIo, "cannot replace",
               [&] { replace_by_two_renames(folder / "absent", folder / "place", folder / "aside"); });
  EXPECT_EQ(read_file(folder / "place/manifest"), "new");
  EXPECT_EQ(folder.names(), Names{"place"});
}

}  // namespace
}  // namespace einet::io
