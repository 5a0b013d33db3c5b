#include "data/tar.h"

#include "data/file_bytes.h"
#include "expect_error.h"

namespace einet::data {
namespace {

TEST(Tar, FindsFiles) {
  const std::string large(1537, 'b');
  const std::string archive = tar_entry("d/", "", '5') + tar_entry("d/a", "first") + tar_entry("./d/b", large) +
                              tar_entry("d/c", "") + tar_end();
  EXPECT_EQ(read_tar_file(archive, "d/a", "f"), "first");
  EXPECT_EQ(read_tar_file(archive, "d/b", "f"), large);
  EXPECT_EQ(read_tar_file(archive, "d/c", "f"), "");
  EXPECT_EQ(read_tar_file(archive, "d/", "f"), std::nullopt);
  EXPECT_EQ(read_tar_file(archive, "a", "f"), std::nullopt);
}

TEST(Tar, RejectsDamagedFiles) {
  expect_error(ErrorKind::kInvalidData, "f: truncated", [] { read_tar_file("", "a", "f"); });
  expect_error(ErrorKind::kInvalidData, "not a tar archive", [] { read_tar_file(std::string(512, 'x'), "a", "f"); });
  const std::string entry = tar_entry("a", std::string(600, 'x'));
  expect_error(ErrorKind::kInvalidData, "truncated", [&] { read_tar_file(entry.substr(0, 1000), "a", "f"); });
  expect_error(ErrorKind::kInvalidData, "truncated", [&] { read_tar_file(entry, "b", "f"); });
  std::string sizeless = entry;
  sizeless.replace(124, 11, "not octal!!");
  expect_error(ErrorKind::kInvalidData, "no size", [&] { read_tar_file(sizeless, "a", "f"); });
}

}  // namespace
}  // namespace einet::data
