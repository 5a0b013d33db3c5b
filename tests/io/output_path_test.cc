// Outputs that are not regular files. Devices are copies that the test creates in its own folder.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <future>

#include "expect_error.h"
#include "io/file.h"
#include "io/temporary_directory.h"

namespace einet::io {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

mode_t mode_of(const fs::path& path) {
  struct stat status {};
  EXPECT_EQ(::lstat(path.c_str(), &status), 0);
  return status.st_mode;
}

/// Expects the same error from check_output() and write_file().
void expect_refused(const fs::path& path, const std::string& why) {
  expect_error(ErrorKind::kIo, why, [&] { check_output(path); });
  expect_error(ErrorKind::kIo, why, [&] { write_file(path, "x"); });
}

TEST(OutputPath, WritesIntoAPipe) {
  const TemporaryDirectory folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  check_output(folder / "pipe");  // Must not open it, which would block.
  auto reader = std::async(std::launch::async, [&] {
    const int pipe = ::open((folder / "pipe").c_str(), O_RDONLY);
    std::string text;
    char bytes[64];
    for (ssize_t count; (count = ::read(pipe, bytes, sizeof bytes)) > 0;) text.append(bytes, count);
    ::close(pipe);
    return text;
  });
  write_file(folder / "pipe", "through");
  EXPECT_EQ(reader.get(), "through");
  EXPECT_TRUE(S_ISFIFO(mode_of(folder / "pipe")));
  EXPECT_EQ(folder.names(), Names{"pipe"});
}

TEST(OutputPath, WritesIntoADevice) {
  const TemporaryDirectory folder;
  if (::mknod((folder / "null").c_str(), S_IFCHR | 0666, makedev(1, 3)) != 0 ||
      ::mknod((folder / "full").c_str(), S_IFCHR | 0666, makedev(1, 7)) != 0) {
    GTEST_SKIP() << "making devices needs root";
  }
  fs::create_symlink("null", folder / "link");
  write_file(folder / "null", "x");
  write_file(folder / "link", "x");
  expect_error(ErrorKind::kIo, "full: cannot write: No space left", [&] { write_file(folder / "full", "x"); });
  EXPECT_TRUE(S_ISCHR(mode_of(folder / "null")));
  EXPECT_TRUE(S_ISCHR(mode_of(folder / "full")));
  EXPECT_EQ(folder.names(), (Names{"full", "link", "null"}));
}

TEST(OutputPath, RejectsUnsafeOutputs) {
  const TemporaryDirectory folder;
  fs::create_directory(folder / "folder");
  expect_refused(folder / "folder", "folder: cannot replace: Is a directory");
  expect_refused(folder / "new/", "cannot create: Is a directory");
  expect_refused(folder / "absent/f", "absent/f: cannot create: No such file or directory");
  expect_refused("", "cannot create");
  write_file(folder / "file", "x");
  expect_refused(folder / "file/f", "cannot create: Not a directory");
  if (::mknod((folder / "disk").c_str(), S_IFBLK | 0600, makedev(7, 200)) == 0) {
    expect_refused(folder / "disk", "disk: is a block device");
    EXPECT_TRUE(S_ISBLK(mode_of(folder / "disk")));
  }
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, (folder / "socket").c_str(), sizeof address.sun_path - 1);
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  expect_refused(folder / "socket", "is a socket");
  ::close(socket);
}

TEST(OutputPath, FollowsLinks) {
  const TemporaryDirectory folder;
  fs::create_directories(folder / "a/b");
  write_file(folder / "a/target", "old");
  fs::create_symlink("../target", folder / "a/b/second");
  fs::create_symlink("a/b/second", folder / "first");
  write_file(folder / "first", "new");
  EXPECT_EQ(read_file(folder / "a/target"), "new");
  EXPECT_TRUE(fs::is_symlink(folder / "first") && fs::is_symlink(folder / "a/b/second"));

  fs::create_symlink("a/later", folder / "dangling");
  check_output(folder / "dangling");
  EXPECT_FALSE(fs::exists(folder / "a/later"));
  write_file(folder / "dangling", "now");
  EXPECT_EQ(read_file(folder / "a/later"), "now");
  EXPECT_TRUE(fs::is_symlink(folder / "dangling"));

  fs::create_symlink("no/where", folder / "nowhere");
  expect_refused(folder / "nowhere", "nowhere: cannot create");
  fs::create_symlink("round", folder / "round");
  expect_refused(folder / "round", "round: cannot follow its links");
  EXPECT_EQ(folder.names(), (Names{"a", "dangling", "first", "nowhere", "round"}));
}

TEST(OutputPath, WritesIntoAnOpenFileOfTheProcess) {
  const TemporaryDirectory folder;
  const int file = ::open((folder / "f").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_EQ(::write(file, "before ", 7), 7);
  write_file("/dev/fd/" + std::to_string(file), "between ");
  write_file("/proc/self/fd/" + std::to_string(file), "again ");
  ASSERT_EQ(::write(file, "after", 5), 5);
  ::close(file);
  EXPECT_EQ(read_file(folder / "f"), "before between again after") << "as with a shell's redirection";
  expect_refused("/dev/fd/9999", "/dev/fd/9999: cannot");
}

TEST(OutputPath, KeepsTheModeOfOldFilesAndAppliesTheUmaskToNewOnes) {
  const TemporaryDirectory folder;
  const mode_t before = ::umask(027);
  write_file(folder / "f", "x");
  EXPECT_EQ(mode_of(folder / "f") & 07777, 0640u);
  for (const mode_t mode : {0600u, 0755u, 0666u, 0444u}) {
    if (mode == 0444u && ::geteuid() != 0) continue;
    ASSERT_EQ(::chmod((folder / "f").c_str(), mode), 0);
    write_file(folder / "f", "y");
    EXPECT_EQ(mode_of(folder / "f") & 07777, mode);
  }
  ::umask(before);
  if (::geteuid() != 0) GTEST_SKIP() << "changing owners needs root";
  ASSERT_EQ(::chown((folder / "f").c_str(), 12345, 23456), 0);
  write_file(folder / "f", "z");
  struct stat status {};
  ASSERT_EQ(::stat((folder / "f").c_str(), &status), 0);
  EXPECT_EQ(status.st_uid, 12345u);
  EXPECT_EQ(status.st_gid, 23456u);
}

TEST(OutputPath, DoesNotSeparateHardLinks) {
  const TemporaryDirectory folder;
  write_file(folder / "f", "both");
  fs::create_hard_link(folder / "f", folder / "g");
  expect_refused(folder / "f", "f: has 2 hard links");
  EXPECT_EQ(read_file(folder / "f"), "both");
  EXPECT_TRUE(fs::equivalent(folder / "f", folder / "g"));
  fs::remove(folder / "g");
  write_file(folder / "f", "one");
  EXPECT_EQ(read_file(folder / "f"), "one");
}

TEST(OutputPath, WritesUnusualNames) {
  const TemporaryDirectory folder;
  for (const std::string& name : {std::string(255, 'n'), std::string(" "), std::string("-o"), std::string("a\nb"),
                                  std::string("...."), std::string("\xff\xfe")}) {
    write_file(folder / name, "x");
    EXPECT_EQ(read_file(folder / name), "x");
  }
  EXPECT_EQ(folder.names().size(), 6u);
}

/// Runs `action` in a child process that is no longer root.
template <class Action>
void as_ordinary_user(Action action) {
  if (::geteuid() != 0) return action();
  ASSERT_EQ(::seteuid(12345), 0);
  action();
  ASSERT_EQ(::seteuid(0), 0);
}

TEST(OutputPath, RespectsPermissions) {
  const TemporaryDirectory folder;
  write_file(folder / "protected", "old");
  fs::permissions(folder / "protected", fs::perms(0444));
  fs::create_directory(folder / "closed");
  write_file(folder / "closed/f", "old");
  fs::permissions(folder / "closed/f", fs::perms(0666));
  fs::permissions(folder / "closed", fs::perms(0555));
  fs::permissions(folder.path(), fs::perms(0777));
  as_ordinary_user([&] {
    expect_refused(folder / "protected", "protected: cannot replace: Permission denied");
    expect_refused(folder / "closed/f", "closed/f: cannot create files in its folder: Permission denied");
    expect_refused(folder / "closed/new", "closed/new: cannot create: Permission denied");
    expect_error(ErrorKind::kIo, "closed/a/b: cannot create files in it: Permission denied",
                 [&] { check_output_folder(folder / "closed/a/b"); });
    check_output_folder(folder / "open/a/b");
  });
  EXPECT_EQ(read_file(folder / "protected"), "old");
  fs::permissions(folder / "closed", fs::perms(0755));
}

TEST(OutputPath, ChecksAndCreatesMissingFolders) {
  const TemporaryDirectory folder;
  check_output_folder(folder / "a/b/c");
  EXPECT_TRUE(folder.names().empty());
  create_folders(folder / "a/b/c");
  check_output_folder(folder / "a/b/c");
  write_file(folder / "f", "x");
  expect_error(ErrorKind::kIo, "f/g: cannot create files in it: Not a directory",
               [&] { check_output_folder(folder / "f/g"); });
  expect_error(ErrorKind::kIo, "f/g: cannot create", [&] { create_folders(folder / "f/g"); });
}

}  // namespace
}  // namespace einet::io
