#include "io/file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "expect_error.h"
#include "io/temporary_directory.h"

namespace einet::io {
namespace {

using Names = std::set<std::string>;

TEST(File, ReadsBackWrittenFiles) {
  const TemporaryDirectory folder;
  const std::string bytes("a\0b\n", 4);
  write_file(folder / "f", bytes);
  EXPECT_EQ(read_file(folder / "f"), bytes);
  write_file(folder / "f", "");
  EXPECT_EQ(read_file(folder / "f"), "");
  EXPECT_EQ(folder.names(), Names{"f"});
}

TEST(File, RejectsUnreadableFiles) {
  const TemporaryDirectory folder;
  expect_error(ErrorKind::kNotFound, "absent: no such file", [&] { read_file(folder / "absent"); });
  expect_error(ErrorKind::kInvalidData, "is not a regular file", [&] { read_file(folder.path()); });
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_error(ErrorKind::kInvalidData, "is not a regular file", [&] { read_file(folder / "pipe"); });
  write_file(folder / "five", "12345");
  EXPECT_EQ(read_file(folder / "five", 5), "12345");
  expect_error(ErrorKind::kInvalidData, "has 5 bytes", [&] { read_file(folder / "five", 4); });
}

TEST(File, FailedWriteLeavesNothingBehind) {
  const TemporaryDirectory folder;
  expect_error(ErrorKind::kIo, "cannot create", [&] { write_file(folder / "absent/f", "x"); });
  std::filesystem::create_directories(folder / "directory/inside");
  expect_error(ErrorKind::kIo, "cannot replace", [&] { write_file(folder / "directory", "x"); });
  EXPECT_EQ(folder.names(), Names{"directory"});
}

// A limit on file sizes simulates a full disk.
TEST(File, FullDiskKeepsTheOldFile) {
  const TemporaryDirectory folder;
  write_file(folder / "f", "old");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit tiny = before;
  tiny.rlim_cur = 1000;
  const auto handler = ::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tiny), 0);
  expect_error(ErrorKind::kIo, "cannot write", [&] { write_file(folder / "f", std::string(5000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, handler);
  EXPECT_EQ(read_file(folder / "f"), "old");
  EXPECT_EQ(folder.names(), Names{"f"});
}

}  // namespace
}  // namespace einet::io
