#include "data/specification.h"

#include <algorithm>

#include "core/nearest_name.h"
#include "data/label_names.h"
#include "einet/error.h"
#include "io/sha256.h"

namespace einet::data {
namespace {

// The normalisations are mean and standard deviation of pixel/255 over all pixels of each channel of the training
// split, computed in double precision over the whole split and rounded to six decimals.

Specification mnist() {
  return {
      .name = "mnist",
      .folder = "mnist",
      .archive = "",
      .channels = 1,
      .height = 28,
      .width = 28,
      .label_bytes = 0,
      .label_names = digit_names(),
      .normalization = {{0.130660f}, {0.308108f}},
      .files =
          {{{{"train-images-idx3-ubyte", 47040016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"},
             {"train-labels-idx1-ubyte", 60008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"}},
            {{"t10k-images-idx3-ubyte", 7840016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"},
             {"t10k-labels-idx1-ubyte", 10008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"}}}},
      .records_sha256 = {}};
}

Specification fashion_mnist() {
  Specification spec = mnist();
  spec.name = spec.folder = "fashion-mnist";
  spec.label_names = fashion_names();
  spec.normalization = {{0.286041f}, {0.353024f}};
  spec.files[0][0].sha256 = "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888";
  spec.files[0][1].sha256 = "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9";
  spec.files[1][0].sha256 = "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b";
  spec.files[1][1].sha256 = "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34";
  return spec;
}

Specification cifar10() {
  Specification spec{.name = "cifar10",
                     .folder = "cifar-10-batches-bin",
                     .archive = "cifar-10-binary.tar.gz",
                     .channels = 3,
                     .height = 32,
                     .width = 32,
                     .label_bytes = 1,
                     .label_names = cifar10_names(),
                     .normalization = {{0.491400f, 0.482158f, 0.446531f}, {0.247032f, 0.243485f, 0.261588f}},
                     .files = {},
                     .records_sha256 = {"c184bacd98362262b137a81143464df1ec411af501e82a5e407fe8e0b2b7ae86",
                                        "f72c9f40d8298ab84be545be2599e450e859fba31733e410b95783c11207d32e"}};
  for (int i = 1; i <= 5; ++i) spec.files[0].push_back({"data_batch_" + std::to_string(i) + ".bin", 30730000, ""});
  spec.files[1] = {{"test_batch.bin", 30730000, ""}};
  return spec;
}

Specification cifar100() {
  return {.name = "cifar100",
          .folder = "cifar-100-binary",
          .archive = "cifar-100-binary.tar.gz",
          .channels = 3,
          .height = 32,
          .width = 32,
          .label_bytes = 2,
          .label_names = cifar100_names(),
          .normalization = {{0.507075f, 0.486549f, 0.440918f}, {0.267334f, 0.256438f, 0.276150f}},
          .files = {{{{"train.bin", 153700000, ""}}, {{"test.bin", 30740000, ""}}}},
          .records_sha256 = {"11a8c0941d0e37831bc7e85560ab5802a1d6a571e18cee74aca962870143967a",
                             "426b9a31732b354e1c8efa1d0b13e0d3984b9babeab86c0ceec6b524a6a4bad6"}};
}

const std::vector<Specification>& all() {
  static const std::vector<Specification> specifications = {mnist(), fashion_mnist(), cifar10(), cifar100()};
  return specifications;
}

std::string records_sha256(const std::vector<std::string>& files, std::size_t record) {
  std::vector<std::string> digests;
  for (const std::string& file : files) {
    for (std::size_t at = 0; at + record <= file.size(); at += record) {
      digests.push_back(io::sha256(std::string_view(file).substr(at, record)));
    }
  }
  std::sort(digests.begin(), digests.end());
  std::string together;
  for (const std::string& digest : digests) together += digest;
  return io::sha256(together);
}

}  // namespace

const std::vector<std::string>& dataset_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Specification& spec : all()) list.push_back(spec.name);
    return list;
  }();
  return names;
}

const Specification& specification(std::string_view name) {
  for (const Specification& spec : all()) {
    if (spec.name == name) return spec;
  }
  const std::string nearest = nearest_name(name, dataset_names());
  throw Error(ErrorKind::kUsage, "dataset '" + std::string(name) + "'",
              "unknown" + (nearest.empty() ? "; known are mnist, fashion-mnist, cifar10 and cifar100"
                                           : "; did you mean '" + nearest + "'?"));
}

void verify_split(const Specification& spec, Split split, const std::vector<std::string>& files,
                  const std::string& where) {
  const std::vector<OfficialFile>& official = spec.of(split);
  for (std::size_t i = 0; i < official.size(); ++i) {
    const std::string name = where + "/" + official[i].name;
    if (files[i].size() != official[i].bytes) {
      throw Error(
          ErrorKind::kInvalidData, name,
          std::to_string(files[i].size()) + " bytes; the official file has " + std::to_string(official[i].bytes));
    }
    if (!official[i].sha256.empty() && io::sha256(files[i]) != official[i].sha256) {
      throw Error(ErrorKind::kInvalidData, name, "not the official file (SHA-256 differs)");
    }
  }
  const std::string& expected = spec.records_sha256[static_cast<int>(split)];
  if (!expected.empty() && records_sha256(files, spec.label_bytes + 3072) != expected) {
    throw Error(ErrorKind::kInvalidData, where,
                std::string("the ") + (split == Split::kTrain ? "training" : "test") +
                    " records are not the published ones (SHA-256 of the sorted records differs)");
  }
}

}  // namespace einet::data
