#include "data/dataset.h"

#include <algorithm>
#include <cmath>

#include "data/file_bytes.h"
#include "data/specification.h"
#include "expect_error.h"
#include "io/file.h"
#include "io/temporary_directory.h"

namespace einet::data {
namespace {

namespace fs = std::filesystem;

/// The test split of mnist, with the right sizes and all zero except for `label` as the last label.
void write_zero_mnist(const fs::path& directory, int label, bool compressed = false) {
  fs::create_directories(directory / "mnist");
  std::string labels(10000, '\0');
  labels.back() = static_cast<char>(label);
  const auto write = [&](const char* name, const std::string& bytes) {
    const fs::path path = directory / "mnist" / name;
    compressed ? io::write_file(path.string() + ".gz", gzip_bytes(bytes)) : io::write_file(path, bytes);
  };
  write("t10k-images-idx3-ubyte", idx_bytes({10000, 28, 28}, std::string(7840000, '\0')));
  write("t10k-labels-idx1-ubyte", idx_bytes({10000}, labels));
}

TEST(Dataset, LoadsPlainAndCompressedFiles) {
  for (const bool compressed : {false, true}) {
    const TemporaryDirectory folder;
    write_zero_mnist(folder.path(), 9, compressed);
    const Dataset mnist = load_dataset("mnist", Split::kTest, folder.path());
    EXPECT_EQ(mnist.size(), 10000);
    EXPECT_EQ(mnist.classes(), 10);
    EXPECT_EQ(mnist.image_size(), 784);
    EXPECT_EQ(mnist.labels.back(), 9);
    EXPECT_EQ(mnist.image(9999).size(), 784u);
  }
}

TEST(Dataset, RejectsInvalidFiles) {
  const TemporaryDirectory folder;
  const auto load = [&] { load_dataset("mnist", Split::kTest, folder.path()); };
  write_zero_mnist(folder.path(), 10);
  expect_error(ErrorKind::kInvalidData, "t10k-labels-idx1-ubyte: label 10 is out of range", load);
  std::string wrong_magic = io::read_file(folder / "mnist/t10k-images-idx3-ubyte");
  wrong_magic[3] = 1;
  io::write_file(folder / "mnist/t10k-images-idx3-ubyte", wrong_magic);
  expect_error(ErrorKind::kInvalidData, "t10k-images-idx3-ubyte: not an IDX file", load);
  io::write_file(folder / "mnist/t10k-images-idx3-ubyte", "short");
  expect_error(ErrorKind::kInvalidData, "t10k-images-idx3-ubyte: 5 bytes; the official file has 7840016", load);
  fs::create_directories(folder / "cifar-10-batches-bin");
  io::write_file(folder / "cifar-10-batches-bin/test_batch.bin", std::string(3073, '\0'));
  expect_error(ErrorKind::kInvalidData, "test_batch.bin: 3073 bytes; the official file has 30730000",
               [&] { load_dataset("cifar10", Split::kTest, folder.path()); });
}

TEST(Dataset, ErrorsSuggestTheCommandToRun) {
  const TemporaryDirectory folder;
  expect_error(ErrorKind::kUsage, "did you mean 'fashion-mnist'?", [] { load_dataset("fashon-mnist", Split::kTest); });
  expect_error(ErrorKind::kUsage, "unknown", [] { load_dataset("imagenet", Split::kTest); });
  expect_error(ErrorKind::kNotFound, "run `einet data get cifar100 --dir " + folder.path().string() + "`",
               [&] { load_dataset("cifar100", Split::kTest, folder.path()); });
}

TEST(Dataset, HasClassNames) {
  EXPECT_EQ(dataset_names(), (std::vector<std::string>{"mnist", "fashion-mnist", "cifar10", "cifar100"}));
  EXPECT_EQ(specification("fashion-mnist").label_names[9], "Ankle boot");
  EXPECT_EQ(specification("cifar10").label_names[9], "truck");
  const std::vector<std::string>& fine = specification("cifar100").label_names;
  EXPECT_EQ(fine.size(), 100u);
  EXPECT_TRUE(std::is_sorted(fine.begin(), fine.end()));
}

TEST(Dataset, ReadsPackagedFashionMnist) {
  const TemporaryDirectory folder;
  if (!fs::exists("/usr/share/datasets/fashion-mnist")) GTEST_SKIP() << "Debian's dataset-fashion-mnist is absent";
  const Dataset training = load_dataset("fashion-mnist", Split::kTrain, folder.path());
  EXPECT_EQ(training.size(), 60000);
  for (int label = 0; label < 10; ++label) {
    EXPECT_EQ(std::count(training.labels.begin(), training.labels.end(), label), 6000);
  }
  // The constants of the normalisation are from this split, so that it has mean 0 and standard deviation 1.
  std::vector<float> input(training.pixels.size());
  normalize(training.pixels, 1, training.normalization, input);
  double sum = 0;
  double squares = 0;
  for (const float value : input) {
    sum += value;
    squares += double{value} * value;
  }
  EXPECT_NEAR(sum / input.size(), 0.0, 1e-5);
  EXPECT_NEAR(std::sqrt(squares / input.size()), 1.0, 1e-5);
}

}  // namespace
}  // namespace einet::data
