#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "einet/distribution.h"
#include "expect_error.h"

namespace einet::plan {
namespace {

TEST(CutOffCsv, ReadsOneNumberPerLineInAnyOrder) {
  EXPECT_EQ(parse_cut_offs("0.3\n0.1\n2e-3\n", "f"), (std::vector<double>{0.3, 0.1, 2e-3}));
  EXPECT_EQ(parse_cut_offs("0.3", "f"), (std::vector<double>{0.3}));
}

TEST(CutOffCsv, AcceptsHeadersBlankLinesAndCarriageReturns) {
  EXPECT_EQ(parse_cut_offs("seconds\r\n  0.3 \r\n\r\n\t+1\r\n", "f"), (std::vector<double>{0.3, 1.0}));
}

TEST(CutOffCsv, ReadsTheUnitFromTheHeader) {
  const auto first = [](const std::string& csv) { return parse_cut_offs(csv, "f").at(0); };
  for (const char* header : {"cut_ms", "time (ms)", "cutMs", "CUT [MS]", "\"cut_ms\"", "milliseconds", "cut.millis"}) {
    EXPECT_DOUBLE_EQ(first(std::string(header) + "\n3\n"), 3e-3) << header;
  }
  EXPECT_DOUBLE_EQ(first("time (us)\n3\n"), 3e-6);
  EXPECT_DOUBLE_EQ(first("time/\u00b5s\n3\n"), 3e-6);
  EXPECT_DOUBLE_EQ(first("t_ns\n3\n"), 3e-9);
  EXPECT_DOUBLE_EQ(first("nanoseconds\n3\n"), 3e-9);
  EXPECT_DOUBLE_EQ(first("inference_us\n3\n"), 3e-6);
  EXPECT_DOUBLE_EQ(first("cut_s\n3\n"), 3);
  EXPECT_DOUBLE_EQ(first("elapsed_seconds\n3\n"), 3);
  EXPECT_DOUBLE_EQ(first("minutes\n3\n"), 180);
  for (const char* header : {"cut-off", "elapsed", "min cut", "s of the run", "items"}) {  // No unit: seconds.
    EXPECT_DOUBLE_EQ(first(std::string(header) + "\n3\n"), 3) << header;
  }
}

TEST(CutOffCsv, AcceptsValuesWithUnits) {
  EXPECT_EQ(parse_cut_offs("3ms\n4\n", "f"), (std::vector<double>{3e-3, 4}));
  EXPECT_EQ(parse_cut_offs("cut_ms\n250 us\n\"8\"\n", "f"), (std::vector<double>{250 * 1e-6, 8e-3}));
}

TEST(CutOffCsv, SkipsTheByteOrderMark) {
  EXPECT_EQ(parse_cut_offs("\xEF\xBB\xBF"
                           "0.3\n0.1\n",
                           "f"),
            (std::vector<double>{0.3, 0.1}));
  EXPECT_EQ(parse_cut_offs("\xEF\xBB\xBF"
                           "cut_ms\r\n3\r\n",
                           "f"),
            (std::vector<double>{3e-3}));
}

TEST(CutOffCsv, ReportsTheInvalidLine) {
  const auto rejects = [](const char* csv, const char* text) {
    expect_error(ErrorKind::kInvalidData, text, [&] { parse_cut_offs(csv, "f.csv"); });
  };
  rejects("", "f.csv: contains no observed cut-offs");
  rejects("seconds\n", "f.csv: contains no observed cut-offs");
  rejects("1\nx\n", "f.csv: line 2");
  rejects("a\nb\n", "f.csv: line 2");
  rejects("1\n-1\n", "line 2: '-1'");
  rejects("0\n", "line 1");
  rejects("nan\n", "line 1");
  rejects("1\n\ninf\n", "line 3");
  rejects("1\n1e999\n", "line 2");
  rejects("1,2\n3\n4,5\n", "line 1: '1,2' has several columns");
  rejects("cut_ms;exit\n", "line 1: 'cut_ms;exit' has several columns");
  rejects("1\n2\t3\n", "line 2: '2\t3' has several columns");
  rejects("1\n2 3\n", "line 2");
  rejects("3 parsecs\n", "line 1: '3 parsecs' is not a positive, finite time");
  rejects("-3ms\n", "line 1");
  rejects("0.5T\n", "line 1");
  rejects("cut\n\"\"\n", "line 2");
  rejects("cut_T\n0.5\n", "line 1: 'cut_T' does not contain exactly one unit");
  rejects("ms_or_us\n3\n", "line 1: 'ms_or_us' does not contain exactly one unit");
  rejects(
      "\xFF\xFE"
      "1",
      "f.csv: is UTF-16 text");
  rejects("\xFE\xFF", "f.csv: is UTF-16 text");
}

TEST(CutOffCsv, ReadsFiles) {
  const std::filesystem::path file = std::filesystem::path(testing::TempDir()) / "cut_offs.csv";
  std::ofstream(file) << "cut-off\n0.5\n0.25\n";
  EXPECT_EQ(read_cut_offs(file), (std::vector<double>{0.5, 0.25}));
  const auto distribution = parse_distribution("csv:" + file.string(), 1.0);
  EXPECT_DOUBLE_EQ(distribution->cdf(0.25), 0.5);
  EXPECT_EQ(distribution->description(), "csv:" + file.string());

  std::ofstream(file) << "";
  expect_error(ErrorKind::kInvalidData, "contains no observed cut-offs", [&] { read_cut_offs(file); });
  std::ofstream(file) << "1\nx\n";
  expect_error(ErrorKind::kInvalidData, "cut_offs.csv: line 2",
               [&] { parse_distribution("csv:" + file.string(), 1.0); });
  std::filesystem::remove(file);
  expect_error(ErrorKind::kNotFound, "cut_offs.csv", [&] { read_cut_offs(file); });
  expect_error(ErrorKind::kNotFound, "cut_offs.csv", [&] { parse_distribution("csv:" + file.string(), 1.0); });
  expect_error(ErrorKind::kIo, "not a regular file", [&] { read_cut_offs(testing::TempDir()); });
}

}  // namespace
}  // namespace einet::plan
