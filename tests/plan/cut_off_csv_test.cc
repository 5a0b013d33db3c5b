#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "einet/plan/distribution.h"
#include "expect_error.h"

namespace einet::plan {
namespace {

TEST(CutOffCsv, ReadsOneNumberPerLineInAnyOrder) {
  EXPECT_EQ(parse_cut_offs("0.3\n0.1\n2e-3\n", "f"), (std::vector<double>{0.3, 0.1, 2e-3}));
  EXPECT_EQ(parse_cut_offs("0.3", "f"), (std::vector<double>{0.3}));
}

TEST(CutOffCsv, TakesHeadersBlankLinesAndForeignLineEnds) {
  EXPECT_EQ(parse_cut_offs("seconds\r\n  0.3 \r\n\r\n\t+1\r\n", "f"), (std::vector<double>{0.3, 1.0}));
}

TEST(CutOffCsv, SaysWhichLineIsWrong) {
  const auto refuse = [](const char* csv, const char* text) {
    expect_error(ErrorKind::kInvalidData, text, [&] { parse_cut_offs(csv, "f.csv"); });
  };
  refuse("", "f.csv: holds no");
  refuse("seconds\n", "f.csv: holds no");
  refuse("1\nx\n", "f.csv: line 2");
  refuse("a\nb\n", "f.csv: line 2");
  refuse("1\n-1\n", "line 2: '-1'");
  refuse("0\n", "line 1");
  refuse("nan\n", "line 1");
  refuse("1\n\ninf\n", "line 3");
  refuse("1\n1e999\n", "line 2");
  refuse("1,2\n3\n4,5\n", "line 3");  // Its first line passes for a header.
  refuse("1\n2 3\n", "line 2");
}

TEST(CutOffCsv, ReadsFiles) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "cut_offs.csv";
  std::ofstream(file) << "cut-off\n0.5\n0.25\n";
  EXPECT_EQ(read_cut_offs(file), (std::vector<double>{0.5, 0.25}));
  const auto distribution = parse_distribution("csv:" + file.string(), 1.0);
  EXPECT_DOUBLE_EQ(distribution->cdf(0.25), 0.5);
  EXPECT_EQ(distribution->description(), "csv:" + file.string());

  std::ofstream(file) << "";
  expect_error(ErrorKind::kInvalidData, "holds no observed cut-off", [&] { read_cut_offs(file); });
  std::ofstream(file) << "1\nx\n";
  expect_error(ErrorKind::kInvalidData, "cut_offs.csv: line 2",
               [&] { parse_distribution("csv:" + file.string(), 1.0); });
  std::filesystem::remove(file);
  expect_error(ErrorKind::kNotFound, "cut_offs.csv", [&] { read_cut_offs(file); });
  expect_error(ErrorKind::kNotFound, "cut_offs.csv", [&] { parse_distribution("csv:" + file.string(), 1.0); });
  expect_error(ErrorKind::kIo, "no regular file", [&] { read_cut_offs(testing::TempDir()); });
}

}  // namespace
}  // namespace einet::plan
