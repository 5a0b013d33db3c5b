#include "image_list.h"

#include <gtest/gtest.h>

#include "einet/io/file.h"
#include "expect_error.h"
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

TEST_F(ImageList, NamesTheLineOfAnError) {
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
  fails(good + "\"c,x,test\n", "list.csv:4: a quoted field has no end");
  fails("a,x,train\nb,x,train\n", "list.csv: 1 labels");
  expect_error(ErrorKind::kNotFound, "looked for test, val", [&] { read(good, Split::kTest); });
}

}  // namespace
}  // namespace einet::data
