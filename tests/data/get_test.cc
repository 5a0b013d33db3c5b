#include <fstream>

#include "data/dataset.h"
#include "data/file_bytes.h"
#include "expect_error.h"
#include "io/file.h"
#include "io/temporary_directory.h"

namespace einet::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPackaged = "/usr/share/datasets/fashion-mnist";

bool packaged() { return fs::exists(kPackaged); }

TEST(Get, RejectsWrongFilesAndWritesNone) {
  const TemporaryDirectory from;
  const TemporaryDirectory to;
  const auto get = [&] { get_dataset("mnist", to.path(), from.path().string()); };
  expect_error(ErrorKind::kNotFound, "train-images-idx3-ubyte: no such file", get);
  for (const char* name : {"train-images-idx3-ubyte", "train-labels-idx1-ubyte"}) {
    io::write_file(from / name, "too short");
  }
  expect_error(ErrorKind::kInvalidData, "train-images-idx3-ubyte: 9 bytes; the official file has 47040016", get);
  io::write_file(from / "train-images-idx3-ubyte", idx_bytes({60000, 28, 28}, std::string(47040000, '\0')));
  io::write_file(from / "train-labels-idx1-ubyte", idx_bytes({60000}, std::string(60000, '\0')));
  expect_error(ErrorKind::kInvalidData, "train-images-idx3-ubyte: not the official file (SHA-256", get);
  EXPECT_TRUE(to.names().empty());
}

TEST(Get, ReadsArchivesAndRejectsOtherRecords) {
  const TemporaryDirectory from;
  const TemporaryDirectory to;
  const std::string batch(30730000, '\0');
  std::string archive = tar_entry("cifar-10-batches-bin/test_batch.bin", batch);
  for (int i = 1; i <= 5; ++i)
    archive += tar_entry("cifar-10-batches-bin/data_batch_" + std::to_string(i) + ".bin", batch);
  io::write_file(from / "cifar-10-binary.tar.gz", gzip_bytes(archive + tar_end()));
  expect_error(ErrorKind::kInvalidData, "training records are not the published ones",
               [&] { get_dataset("cifar10", to.path(), "file://" + from.path().string()); });
  EXPECT_TRUE(to.names().empty());
}

TEST(Get, ErrorsNameTheFilesTried) {
  const TemporaryDirectory to;
  expect_error(ErrorKind::kUsage, "give --from", [&] { get_dataset("cifar10", to.path(), ""); });
  expect_error(ErrorKind::kNotFound, "neither a folder nor a URL", [&] { get_dataset("mnist", to.path(), "/absent"); });
  expect_error(ErrorKind::kNotFound, "nor cifar-10-binary.tar.gz",
               [&] { get_dataset("cifar10", to.path(), "file:///absent"); });
  expect_error(ErrorKind::kIo, "nonsense://x/", [&] { get_dataset("mnist", to.path(), "nonsense://x"); });
  expect_error(ErrorKind::kUsage, "did you mean 'mnist'?", [&] { get_dataset("mnis", to.path(), ""); });
}

TEST(Get, FetchesFromThePackageAndKeepsValidFiles) {
  if (!packaged()) GTEST_SKIP() << "Debian's dataset-fashion-mnist is absent";
  const TemporaryDirectory to;
  get_dataset("fashion-mnist", to.path(), "");
  const fs::path images = to / "fashion-mnist/t10k-images-idx3-ubyte";
  const fs::path labels = to / "fashion-mnist/train-labels-idx1-ubyte";
  EXPECT_EQ(load_dataset("fashion-mnist", Split::kTest, to.path()).size(), 10000);
  const auto written = fs::last_write_time(images);
  std::fstream(labels, std::ios::in | std::ios::out | std::ios::binary).seekp(1000).put('\x7f');
  get_dataset("fashion-mnist", to.path(), "file://" + std::string(kPackaged));
  EXPECT_EQ(fs::last_write_time(images), written);
  EXPECT_EQ(load_dataset("fashion-mnist", Split::kTrain, to.path()).size(), 60000);
  // If all files are valid, the origin is not read.
  get_dataset("fashion-mnist", to.path(), "/absent");
}

}  // namespace
}  // namespace einet::data
