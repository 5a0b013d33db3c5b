#include "io/staged_directory.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "expect_error.h"
#include "io/file.h"
#include "io/replace_directory.h"
#include "io/temporary_directory.h"

namespace einet::io {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

void make_directory(const fs::path& path, const std::string& content) {
  fs::create_directories(path / "deep");
  write_file(path / "manifest", content);
  write_file(path / "deep/file", content);
}

TEST(StagedDirectory, AppearsAtCommit) {
  const TemporaryDirectory folder;
  StagedDirectory staged(folder / "b.einet/");
  make_directory(staged.path(), "new");
  EXPECT_FALSE(fs::exists(folder / "b.einet"));
  staged.commit();
  EXPECT_EQ(read_file(folder / "b.einet/deep/file"), "new");
  EXPECT_EQ(folder.names(), Names{"b.einet"});
}

TEST(StagedDirectory, ReplacesTheOldDirectory) {
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

TEST(StagedDirectory, WithoutCommitTheOldDirectoryStays) {
  const TemporaryDirectory folder;
  make_directory(folder / "b", "old");
  {
    StagedDirectory staged(folder / "b");
    make_directory(staged.path(), "new");
  }
  EXPECT_EQ(read_file(folder / "b/manifest"), "old");
  EXPECT_EQ(folder.names(), Names{"b"});
}

TEST(StagedDirectory, FailedCommitKeepsTheOldDirectory) {
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

TEST(StagedDirectory, DoesNotReplaceUnrelatedFiles) {
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
    expect_error(ErrorKind::kIo, "is not a directory", [&] { over_file.commit(); });
  }
  EXPECT_EQ(read_file(folder / "home/diary"), "dear");
  EXPECT_EQ(folder.names(), (Names{"home", "file"}));
  expect_error(ErrorKind::kIo, "cannot create", [&] { StagedDirectory(folder / "absent/b"); });
  expect_error(ErrorKind::kIo, "cannot be replaced", [&] { StagedDirectory("/"); });
}

TEST(StagedDirectory, FollowsLinksAndUnusualPaths) {
  const TemporaryDirectory folder;
  const auto write = [](const fs::path& path, const std::string& content) {
    StagedDirectory staged(path);
    staged.write("manifest", content);
    staged.commit();
  };
  fs::create_directories(folder / "store/deep");
  fs::create_directory_symlink("store/real", folder / "link");
  write(folder / "link", "dangling");
  EXPECT_EQ(read_file(folder / "store/real/manifest"), "dangling");
  write(folder / "link/", "slash");
  EXPECT_EQ(read_file(folder / "store/real/manifest"), "slash");
  write(folder / "store/deep/../real", "dots");
  EXPECT_EQ(read_file(folder / "store/real/manifest"), "dots");
  write(folder / "store/real/.", "dot");
  EXPECT_EQ(read_file(folder / "store/real/manifest"), "dot");
  const fs::path here = fs::current_path();
  fs::current_path(folder / "store/real");
  write(".", "here");
  fs::current_path(folder / "store/deep");
  write("../real", "above");
  fs::current_path(here);
  EXPECT_EQ(read_file(folder / "store/real/manifest"), "above");
  EXPECT_TRUE(fs::is_symlink(folder / "link"));
  EXPECT_EQ(folder.names(), (Names{"link", "store"}));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder / "store"), {}), 2) << "nothing is left beside the directory";
}

TEST(StagedDirectory, KeepsPermissionsAndOwners) {
  const TemporaryDirectory folder;
  make_directory(folder / "d", "old");
  fs::permissions(folder / "d", fs::perms(0700));
  fs::permissions(folder / "d/deep", fs::perms(0750));
  fs::permissions(folder / "d/deep/file", fs::perms(0600));
  const bool root = ::geteuid() == 0;
  ASSERT_TRUE(!root || ::chown((folder / "d/deep/file").c_str(), 12345, 23456) == 0);
  StagedDirectory staged(folder / "d");
  EXPECT_EQ(fs::status(staged.path()).permissions(), fs::perms(0700)) << "private from the beginning";
  staged.write("manifest", "new");
  staged.write("deep/file", "new");
  staged.write("deep/more", "new");
  staged.commit();
  EXPECT_EQ(fs::status(folder / "d").permissions(), fs::perms(0700));
  EXPECT_EQ(fs::status(folder / "d/deep").permissions(), fs::perms(0750));
  EXPECT_EQ(fs::status(folder / "d/deep/file").permissions(), fs::perms(0600));
  struct stat status {};
  ASSERT_EQ(::stat((folder / "d/deep/file").c_str(), &status), 0);
  EXPECT_TRUE(!root || status.st_uid == 12345u);
}

TEST(ReplaceDirectory, TwoRenames) {
  const TemporaryDirectory folder;
  make_directory(folder / "place", "old");
  make_directory(folder / "staging", "new");
  replace_by_two_renames(folder / "staging", folder / "place", folder / "place");
  EXPECT_EQ(read_file(folder / "place/manifest"), "new");
  EXPECT_EQ(folder.names(), Names{"place"});
  // The second rename fails: the old directory returns.
  expect_error(ErrorKind::kIo, "cannot replace",
               [&] { replace_by_two_renames(folder / "absent", folder / "place", folder / "place"); });
  EXPECT_EQ(read_file(folder / "place/manifest"), "new");
  EXPECT_EQ(folder.names(), Names{"place"});
}

}  // namespace
}  // namespace einet::io
