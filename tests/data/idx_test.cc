#include "data/idx.h"

#include "data/file_bytes.h"
#include "expect_error.h"

namespace einet::data {
namespace {

TEST(Idx, ReadsShapeAndElements) {
  const std::string bytes = idx_bytes({2, 1, 3}, "abcdef");
  const Idx idx = parse_idx(bytes, 3, "f");
  EXPECT_EQ(idx.shape, (std::vector<std::int64_t>{2, 1, 3}));
  EXPECT_EQ(idx.elements, "abcdef");
  EXPECT_EQ(parse_idx(idx_bytes({0}, ""), 1, "f").elements, "");
}

TEST(Idx, RejectsDamagedFiles) {
  const std::string good = idx_bytes({2, 3}, "abcdef");
  expect_error(ErrorKind::kInvalidData, "labels: not an IDX file", [&] { parse_idx(good, 1, "labels"); });
  expect_error(ErrorKind::kInvalidData, "not an IDX file", [] { parse_idx("not an idx file at all", 2, "f"); });
  for (std::size_t length = 0; length < good.size(); ++length) {
    expect_error(ErrorKind::kInvalidData, "f: ", [&] { parse_idx(good.substr(0, length), 2, "f"); });
  }
  expect_error(ErrorKind::kInvalidData, "another size", [&] { parse_idx(good + "x", 2, "f"); });
}

TEST(Idx, HugeSizesDoNotOverflow) {
  const std::string bytes = idx_bytes({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, "ab");
  expect_error(ErrorKind::kInvalidData, "another size", [&] { parse_idx(bytes, 4, "f"); });
}

}  // namespace
}  // namespace einet::data
