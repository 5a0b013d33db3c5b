#include "data/image_folder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "data/file_bytes.h"
#include "expect_error.h"
#include "io/file.h"
#include "io/temporary_directory.h"

namespace einet::data {
namespace {

namespace fs = std::filesystem;

constexpr ImageFolderOptions kGrey2x2{.channels = 1, .height = 2, .width = 2};

void write(const fs::path& path, const std::string& bytes) {
  fs::create_directories(path.parent_path());
  io::write_file(path, bytes);
}

/// Uniform grey 2x2 images: for training two dogs of 0 and 50 and a cat of 100, for testing a cat of 200.
void write_pets(const fs::path& folder) {
  const auto grey = [](std::uint8_t value) { return pgm_bytes(2, 2, {value, value, value, value}); };
  write(folder / "train/dog/1.pgm", grey(0));
  write(folder / "train/dog/2.PGM", grey(50));
  write(folder / "train/cat/any name.pgm", grey(100));
  write(folder / "test/cat/3.pgm", grey(200));
}

TEST(ImageFolder, SortsClassesByName) {
  const TemporaryDirectory folder;
  write_pets(folder.path());
  write(folder / "train/cat/.hidden", "ignored");
  const ImageFolder training = load_image_folder(folder.path(), Split::kTrain, kGrey2x2);
  EXPECT_TRUE(training.unreadable.empty());
  EXPECT_EQ(training.dataset.label_names, (std::vector<std::string>{"cat", "dog"}));
  std::map<int, std::vector<int>> pixels;
  for (int i = 0; i < training.dataset.size(); ++i) {
    pixels[training.dataset.labels[i]].push_back(training.dataset.image(i)[3]);
  }
  std::ranges::sort(pixels[1]);
  EXPECT_EQ(pixels[0], std::vector<int>{100});
  EXPECT_EQ(pixels[1], (std::vector<int>{0, 50}));
}

TEST(ImageFolder, NormalizesBothSplitsByTheTrainingImages) {
  const TemporaryDirectory folder;
  write_pets(folder.path());
  for (const Split split : {Split::kTrain, Split::kTest}) {
    const Normalization normalization = load_image_folder(folder.path(), split, kGrey2x2).dataset.normalization;
    // For 0, 50 and 100: mean 50, variance (2500 + 0 + 2500) / 3.
    EXPECT_NEAR(normalization.mean.at(0), 50.0 / 255, 1e-6);
    EXPECT_NEAR(normalization.stddev.at(0), std::sqrt(5000.0 / 3) / 255, 1e-6);
  }
  const Dataset test = load_image_folder(folder.path(), Split::kTest, kGrey2x2).dataset;
  EXPECT_EQ(test.labels, std::vector<std::int32_t>{0});
  EXPECT_EQ(test.classes(), 2);
  EXPECT_EQ(test.image(0)[0], 200);
}

TEST(ImageFolder, StoresColourAsPlanesAndResizes) {
  const TemporaryDirectory folder;
  write_pets(folder.path());
  write(folder / "test/dog/colour.ppm", ppm_bytes(1, 1, {10, 20, 30}));
  fs::remove(folder / "test/cat/3.pgm");
  fs::remove(folder / "test/cat");
  const Dataset set = load_image_folder(folder.path(), Split::kTest, {.channels = 3, .height = 2, .width = 1}).dataset;
  ASSERT_EQ(set.size(), 1);
  EXPECT_EQ(set.labels[0], 1);
  EXPECT_EQ(set.pixels, (std::vector<std::uint8_t>{10, 10, 20, 20, 30, 30}));
}

TEST(ImageFolder, UsesValidationFoldersIfThereIsNoTestFolder) {
  const TemporaryDirectory folder;
  write_pets(folder.path());
  fs::remove_all(folder / "test");
  expect_error(ErrorKind::kNotFound, "test/, val/, valid/ and validation/",
               [&] { load_image_folder(folder.path(), Split::kTest, kGrey2x2); });
  // Each is preferred to those added before it.
  int value = 0;
  for (const std::string name : {"validation", "valid", "val", "test"}) {
    const auto pixel = static_cast<std::uint8_t>(++value);
    write(folder / name / "dog/1.pgm", pgm_bytes(2, 2, {pixel, pixel, pixel, pixel}));
    const ImageFolder read = load_image_folder(folder.path(), Split::kTest, kGrey2x2);
    EXPECT_EQ(read.taken, name);
    ASSERT_EQ(read.dataset.size(), 1);
    EXPECT_EQ(read.dataset.image(0)[0], pixel);
  }
  EXPECT_EQ(load_image_folder(folder.path(), Split::kTrain, kGrey2x2).taken, "train");
}

TEST(ImageFolder, SkipsTestFoldersWithoutLabels) {
  const auto grey = [](std::uint8_t value) { return pgm_bytes(2, 2, {value, value, value, value}); };
  for (const std::string unlabelled : {"test/1.pgm", "test/unknown/1.pgm"}) {
    const TemporaryDirectory folder;
    write_pets(folder.path());
    fs::remove_all(folder / "test");
    write(folder / unlabelled, grey(1));
    expect_error(
        unlabelled == "test/1.pgm" ? ErrorKind::kNotFound : ErrorKind::kInvalidData,
        unlabelled == "test/1.pgm" ? "validation/; test/ has no class folders" : "unknown: no class of this name",
        [&] { load_image_folder(folder.path(), Split::kTest, kGrey2x2); });
    write(folder / "valid/dog/2.pgm", grey(2));
    const ImageFolder test = load_image_folder(folder.path(), Split::kTest, kGrey2x2);
    EXPECT_EQ(test.taken, "valid");
    EXPECT_EQ(test.unlabelled, unlabelled == "test/1.pgm" ? "test" : "");
    EXPECT_EQ(test.dataset.pixels, (std::vector<std::uint8_t>{2, 2, 2, 2}));
  }
}

/// The values of the images of a split, by label. Images are uniform.
std::map<int, std::vector<int>> values_of(const fs::path& folder, Split split, const HoldOut& hold_out) {
  ImageFolderOptions options{.channels = 1, .height = 1, .width = 1};
  options.hold_out = hold_out;
  const Dataset set = load_image_folder(folder, split, options).dataset;
  std::map<int, std::vector<int>> values;
  for (int i = 0; i < set.size(); ++i) values[set.labels[i]].push_back(set.image(i)[0]);
  for (auto& [label, of_class] : values) std::ranges::sort(of_class);
  return values;
}

TEST(ImageFolder, HoldsOutAPartOfEachClass) {
  const TemporaryDirectory folder;
  const auto add = [&](const std::string& name, int value) {
    write(folder / name, pgm_bytes(1, 1, {static_cast<std::uint8_t>(value)}));
  };
  for (int i = 0; i < 20; ++i) add("all/cat/" + std::to_string(i) + ".pgm", i);
  for (int i = 100; i < 107; ++i) add("all/dog/" + std::to_string(i) + ".pgm", i);
  fs::create_directories(folder / "below");
  fs::copy(folder / "all", folder / "below/train", fs::copy_options::recursive);
  const HoldOut most{.train_share = 0.8, .seed = 0};
  const auto training = values_of(folder / "all", Split::kTrain, most);
  const auto test = values_of(folder / "all", Split::kTest, most);
  EXPECT_EQ(training.at(0).size(), 16u);
  EXPECT_EQ(test.at(0).size(), 4u);
  EXPECT_EQ(training.at(1).size(), 6u) << "0.8 * 7 is 5.6";
  EXPECT_EQ(test.at(1).size(), 1u);
  for (const int label : {0, 1}) {
    std::vector<int> all = training.at(label);
    all.insert(all.end(), test.at(label).begin(), test.at(label).end());
    std::ranges::sort(all);
    EXPECT_TRUE(std::ranges::adjacent_find(all) == all.end()) << "no image is on both sides";
    EXPECT_EQ(all.size(), label == 0 ? 20u : 7u);
  }
  // The same below train/, and at any path; different with another seed.
  EXPECT_EQ(values_of(folder / "below", Split::kTest, most), test);
  EXPECT_NE(values_of(folder / "all", Split::kTest, {.train_share = 0.8, .seed = 1}).at(0), test.at(0));
  EXPECT_NE(test.at(0), (std::vector<int>{16, 17, 18, 19})) << "not sorted by name";
  // At least one image on each side, whatever the share.
  EXPECT_EQ(values_of(folder / "all", Split::kTrain, {.train_share = 1e-9}).at(1).size(), 1u);
  EXPECT_EQ(values_of(folder / "all", Split::kTest, {.train_share = 1 - 1e-9}).at(0).size(), 1u);
  // An additional image changes the side of at most one other.
  add("all/cat/20.pgm", 20);
  std::vector<int> moved;
  const auto later = values_of(folder / "all", Split::kTest, most);
  std::ranges::set_symmetric_difference(test.at(0), later.at(0), std::back_inserter(moved));
  EXPECT_LE(moved.size(), 2u);
  EXPECT_EQ(later.at(1), test.at(1));
}

TEST(ImageFolder, RejectsFoldersThatCannotBeDivided) {
  const TemporaryDirectory folder;
  write_pets(folder.path());
  ImageFolderOptions options = kGrey2x2;
  options.hold_out = HoldOut{.train_share = 0.5};
  const auto load = [&] { load_image_folder(folder.path(), Split::kTest, options); };
  expect_error(ErrorKind::kUsage, "test already contains the test images", load);
  fs::remove_all(folder / "test");
  expect_error(ErrorKind::kInvalidData, "train/cat: only one image; --split needs two of each class", load);
  write(folder / "train/cat/2.pgm", pgm_bytes(1, 1, {9}));
  EXPECT_NO_THROW(load());
  write(folder / "test/1.pgm", pgm_bytes(1, 1, {9}));
  EXPECT_NO_THROW(load()) << "images without labels";
  fs::rename(folder / "train/cat", folder / "cat");
  fs::rename(folder / "train/dog", folder / "dog");
  fs::remove_all(folder / "train");
  expect_error(ErrorKind::kUsage, "test is not a class", load);
  fs::remove_all(folder / "test");
  EXPECT_NO_THROW(load());
  expect_error(ErrorKind::kNotFound, "train: no folder of this name; use --split 0.8 to divide",
               [&] { load_image_folder(folder.path(), Split::kTrain, kGrey2x2); });
  fs::create_directories(folder / "cow");
  expect_error(ErrorKind::kNotFound, "cow: no image in this class", load);
  write(folder / "list.csv", "dog/1.pgm,dog\n");
  expect_error(ErrorKind::kUsage, "list.csv is a list",
               [&] { load_image_folder(folder / "list.csv", Split::kTest, options); });
}

TEST(ImageFolder, PreparesImages) {
  const TemporaryDirectory folder;
  write_pets(folder.path());
  // 2x4, 0 on the left and 200 on the right: the centre of the unchanged picture, of 1x3 from it, and the whole
  // picture.
  write(folder / "test/cat/3.pgm", pgm_bytes(4, 2, {0, 0, 200, 200, 0, 0, 200, 200}));
  ImageFolderOptions options = kGrey2x2;
  const auto pixels = [&](const Preprocessing& preprocessing) {
    options.preprocessing = preprocessing;
    return load_image_folder(folder.path(), Split::kTest, options).dataset.pixels;
  };
  using Bytes = std::vector<std::uint8_t>;
  EXPECT_EQ(pixels({.crop = {2, 2}}), (Bytes{0, 200, 0, 200}));
  EXPECT_EQ(pixels({.resize = {2, 2}}), (Bytes{29, 171, 29, 171}));  // Like Pillow: 200/7 of the other side.
  EXPECT_EQ(pixels({.resize = {2, 2}, .interpolation = Interpolation::kNearest}), (Bytes{0, 200, 0, 200}));
}

TEST(ImageFolder, ShufflesDeterministically) {
  const TemporaryDirectory folder;
  for (int i = 0; i < 40; ++i) {
    write(folder / "train" / (i < 20 ? "a" : "b") / (std::to_string(100 + i) + ".pgm"),
          pgm_bytes(1, 1, {static_cast<std::uint8_t>(i)}));
  }
  const auto load = [&] {
    return load_image_folder(folder.path(), Split::kTrain, {.channels = 1, .height = 1, .width = 1}).dataset;
  };
  const Dataset set = load();
  EXPECT_EQ(set.pixels, load().pixels);
  EXPECT_FALSE(std::ranges::is_sorted(set.pixels));
  const auto of_first_class = std::count(set.labels.begin(), set.labels.begin() + 10, 0);
  EXPECT_GT(of_first_class, 0);
  EXPECT_LT(of_first_class, 10);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(set.labels[i], set.pixels[i] < 20 ? 0 : 1);
}

TEST(ImageFolder, SkipsUnreadableImagesOrStops) {
  const TemporaryDirectory folder;
  write_pets(folder.path());
  write(folder / "train/dog/torn.pgm", pgm_bytes(2, 2, {1, 2, 3, 4}).substr(0, 9));
  write(folder / "train/dog/notes.txt", "these are dogs");
  const ImageFolder training = load_image_folder(folder.path(), Split::kTrain, kGrey2x2);
  EXPECT_EQ(training.dataset.size(), 3);
  ASSERT_EQ(training.unreadable.size(), 2u);
  for (const Unreadable& file : training.unreadable) {
    EXPECT_TRUE(file.file.ends_with("torn.pgm") || file.file.ends_with("notes.txt")) << file.file;
    EXPECT_NE(file.why.find("picture"), std::string::npos) << file.why;
  }
  ImageFolderOptions stop = kGrey2x2;
  stop.stop_at_unreadable = true;
  expect_error(ErrorKind::kInvalidData, "picture", [&] { load_image_folder(folder.path(), Split::kTrain, stop); });
}

TEST(ImageFolder, ErrorsNameTheFault) {
  const TemporaryDirectory folder;
  const auto load = [&](Split split) { load_image_folder(folder.path(), split, kGrey2x2); };
  expect_error(ErrorKind::kNotFound, "nowhere: no such folder",
               [] { load_image_folder("nowhere", Split::kTrain, kGrey2x2); });
  expect_error(ErrorKind::kNotFound, "train: is not a readable folder", [&] { load(Split::kTrain); });
  write(folder / "train/cat/1.pgm", pgm_bytes(1, 1, {1}));
  expect_error(ErrorKind::kInvalidData, "train: 1 class folders; a classifier needs two", [&] { load(Split::kTrain); });
  fs::create_directories(folder / "train/dog");
  expect_error(ErrorKind::kNotFound, "dog: no image in this class", [&] { load(Split::kTrain); });
  write(folder / "train/dog/1.png", "not a picture");
  expect_error(ErrorKind::kInvalidData, "dog: none of its images can be read", [&] { load(Split::kTrain); });
  write(folder / "train/dog/1.png", pgm_bytes(1, 1, {1}));
  write(folder / "test/cow/1.png", pgm_bytes(1, 1, {1}));
  expect_error(ErrorKind::kInvalidData, "cow: no class of this name", [&] { load(Split::kTest); });
  expect_error(ErrorKind::kUnsupported, "the network takes 2",
               [&] { load_image_folder(folder.path(), Split::kTrain, {.channels = 2}); });
}

}  // namespace
}  // namespace einet::data
