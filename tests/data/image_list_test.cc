#include "data/image_list.h"

#include <gtest/gtest.h>

#include "data/file_bytes.h"
#include "data/image_folder.h"
#include "expect_error.h"
#include "io/file.h"
#include "io/temporary_directory.h"

namespace einet::data {
namespace {

class ImageList : public testing::Test {
 protected:
  Listing read(const std::string& text, Split split) const {
    io::write_file(folder_ / "list.csv", text);
    return read_image_list(folder_ / "list.csv", split);
  }

  const TemporaryDirectory folder_;
};

TEST_F(ImageList, ReadsQuotedFieldsAndSplits) {
  const std::string text =
      "\xef\xbb\xbfpath,label,split\r\n\"a, \"\"1\"\".png\",dog,train\r\n\r\nb.png,cat,train\r\nc/d.png,dog,val";
  for (const std::string& list : {text, text.substr(text.find('\n') + 1)}) {  // With a header and without.
    const Listing training = read(list, Split::kTrain);
    EXPECT_EQ(training.classes, (std::vector<std::string>{"cat", "dog"}));
    ASSERT_EQ(training.files.size(), 2u);
    EXPECT_EQ(training.files[0].path, folder_ / "a, \"1\".png");
    EXPECT_EQ(training.files[0].label, 1);
    EXPECT_EQ(training.files[1].label, 0);
    const Listing test = read(list, Split::kTest);
    EXPECT_EQ(test.taken, "val");
    ASSERT_EQ(test.files.size(), 1u);
    EXPECT_EQ(test.files[0].path, folder_ / "c/d.png");
  }
}

TEST_F(ImageList, UsesTheFirstSplitOfTestImagesThatOccurs) {
  std::string list = "a,x,train\nb,y,train\n";
  for (const std::string split : {"validation", "valid", "val", "test"}) {
    list += split + ".png,x," + split + "\n";
    const Listing test = read(list, Split::kTest);
    EXPECT_EQ(test.taken, split);
    ASSERT_EQ(test.files.size(), 1u);
    EXPECT_EQ(test.files[0].path, folder_ / (split + ".png"));
  }
}

TEST_F(ImageList, KeepsLineEndsAndCommasWithinQuotes) {
  const std::string list =
      "\"a\nb,\r\n.png\",\"dog, \"\"big\"\"\",train\r\nc.png,cat,train\r\n\"\"\"\",cat,test\r\nd.png,cow,test\r\n";
  const Listing training = read(list, Split::kTrain);
  EXPECT_EQ(training.classes, (std::vector<std::string>{"cat", "dog, \"big\""}));
  EXPECT_EQ(training.files.at(0).path, folder_ / "a\nb,\r\n.png");
  EXPECT_EQ(training.files.at(1).path, folder_ / "c.png");
  // The first field has three lines.
  expect_error(ErrorKind::kInvalidData, "list.csv:6: no training image has the label 'cow'",
               [&] { read(list, Split::kTest); });
}

TEST_F(ImageList, PathsAreAbsoluteOrRelativeToItsFolder) {
  const Listing training = read("/photos/a.png,x,train\n../b.png,y,train\n", Split::kTrain);
  EXPECT_EQ(training.files.at(0).path, "/photos/a.png");
  EXPECT_EQ(training.files.at(1).path, folder_ / "../b.png");
}

TEST_F(ImageList, SkipsMissingFiles) {
  io::write_file(folder_ / "a.pgm", pgm_bytes(1, 1, {1}));
  io::write_file(folder_ / "b.pgm", pgm_bytes(1, 1, {2}));
  io::write_file(folder_ / "list.csv",
                 "a.pgm,x,train\nb.pgm,y,train\nnone.pgm,y,train\n" + (folder_ / "a.pgm").string() + ",x,test\n");
  ImageFolderOptions options{.channels = 1, .height = 1, .width = 1};
  const ImageFolder training = load_image_folder(folder_ / "list.csv", Split::kTrain, options);
  EXPECT_EQ(training.dataset.size(), 2);
  ASSERT_EQ(training.unreadable.size(), 1u);
  EXPECT_EQ(training.unreadable[0].file, (folder_ / "none.pgm").string());
  EXPECT_EQ(load_image_folder(folder_ / "list.csv", Split::kTest, options).dataset.pixels,
            std::vector<std::uint8_t>{1});
  std::filesystem::remove(folder_ / "b.pgm");
  expect_error(ErrorKind::kInvalidData, "list.csv/y: none of its images can be read",
               [&] { load_image_folder(folder_ / "list.csv", Split::kTrain, options); });
  options.stop_at_unreadable = true;
  expect_error(ErrorKind::kNotFound, "pgm", [&] { load_image_folder(folder_ / "list.csv", Split::kTrain, options); });
}

TEST_F(ImageList, OrdersNumericLabelsAsNumbers) {
  EXPECT_EQ(read("a,10,train\nb,9,train\n", Split::kTrain).classes, (std::vector<std::string>{"9", "10"}));
  EXPECT_EQ(read("a,10,train\nb,9x,train\n", Split::kTrain).classes, (std::vector<std::string>{"10", "9x"}));
}

TEST_F(ImageList, DividesByHashOfThePath) {
  std::string text;
  for (int i = 0; i < 40; ++i) text += std::to_string(i) + ".png," + (i % 2 ? "a" : "b") + "\n";
  // Those whose SHA-256 begins with 32 bits of at least 0.8 * 2^32.
  const std::vector<int> expected{5, 9, 23, 27, 31, 32, 35};
  std::vector<int> test;
  for (const ImageFile& file : read(text, Split::kTest).files) test.push_back(std::stoi(file.path.stem().string()));
  EXPECT_EQ(test, expected);
  EXPECT_EQ(read(text, Split::kTrain).files.size(), 40 - expected.size());
}

TEST_F(ImageList, ErrorsNameTheLine) {
  const auto fails = [&](const std::string& text, const std::string& why) {
    expect_error(ErrorKind::kInvalidData, why, [&] { read(text, Split::kTest); });
  };
  const std::string good = "path,label,split\na,x,train\nb,y,train\n";
  fails(good + "c,x\n", "list.csv:4: more or fewer fields");
  fails(good + "c\n", "list.csv:4: 1 fields");
  fails(good + "c,z,test\n", "list.csv:4: no training image has the label 'z'");
  fails(good + "c,x,dev\n", "list.csv:4: split 'dev'");
  fails(good + "\n,x,test\n", "list.csv:5: no path");
  fails(good + "c,,test\n", "list.csv:4: no label");
  fails(good + "\"c,x,test\n", "list.csv:4: unterminated quoted field");
  fails("a,x,train\nb,x,train\n", "list.csv: 1 labels");
  fails("", "list.csv: 0 labels");
  fails("path,label,split\n", "list.csv: 0 labels");
  fails(std::string("\xff\xfep\0", 4), "list.csv:1: UTF-16, but UTF-8 is expected");
  expect_error(ErrorKind::kNotFound, "looked for test, val", [&] { read(good, Split::kTest); });
}

}  // namespace
}  // namespace einet::data
