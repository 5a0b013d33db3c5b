#include "samples.h"

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "einet/core/error.h"
#include "einet/data/image_folder.h"

namespace einet::cli {
namespace {

constexpr std::size_t kMostNamed = 10;

bool is_folder(const std::string& data) {
  const auto& names = data::dataset_names();
  if (std::ranges::find(names, data) != names.end()) return false;
  return data.find('/') != std::string::npos || data.ends_with(".csv") || std::filesystem::is_directory(data);
}

void warn(const data::ImageFolder& folder, const std::string& split) {
  const auto& left_out = folder.unreadable;
  if (left_out.empty()) return;
  for (std::size_t i = 0; i < std::min(kMostNamed, left_out.size()); ++i) {
    std::cerr << "einet: " << left_out[i].file << ": " << left_out[i].why << '\n';
  }
  if (left_out.size() > kMostNamed) std::cerr << "einet: … and " << left_out.size() - kMostNamed << " more\n";
  std::cerr << "einet: " << folder.dataset.name << ": " << left_out.size() << " of "
            << left_out.size() + folder.dataset.labels.size() << ' ' << split
            << " images cannot be read and are left out (--unreadable stop stops there)\n";
}

data::Dataset from_folder(const SampleOptions& options, data::Split split, const graph::Shape& input) {
  if (input.size() != 4) {
    throw Error(ErrorKind::kInvalidData, options.data,
                "images do not fit a network that takes " + graph::to_string(input));
  }
  data::ImageFolder folder = data::load_image_folder(options.data, split,
                                                     {static_cast<int>(input[1]), static_cast<int>(input[2]),
                                                      static_cast<int>(input[3]), options.unreadable == "stop"});
  if (split == data::Split::kTest && folder.taken != "test") {
    std::cerr << "einet: " << folder.dataset.name << ": no test, the test images are those of " << folder.taken << '\n';
  }
  warn(folder, split == data::Split::kTrain ? "training" : "test");
  return std::move(folder.dataset);
}

void check(const Normalization& normalization, const data::Dataset& set) {
  const auto fits = [&](const std::vector<float>& values) {
    return values.size() == static_cast<std::size_t>(set.channels);
  };
  if (!fits(normalization.mean) || !fits(normalization.stddev)) {
    throw Error(ErrorKind::kUsage, "--mean, --stddev",
                std::to_string(set.channels) + " numbers each for the channels of " + set.name + " expected");
  }
  if (std::ranges::any_of(normalization.stddev, [](float value) { return !(value > 0); })) {
    throw Error(ErrorKind::kUsage, "--stddev", "must be positive");
  }
}

}  // namespace

void add_directory_option(CLI::App& command, std::string& directory) {
  command.add_option("--dir", directory, "Where datasets are kept; default $EINET_DATA, else ./data");
}

void add_sample_options(CLI::App& command, SampleOptions& options) {
  command.add_option(
      "--data", options.data,
      "mnist, fashion-mnist, cifar10, cifar100, or a folder with train/CLASS/*.png|jpg and "
      "test/CLASS/*.png|jpg (without test/: val/, valid/ or validation/), or a CSV file of path,label[,split]");
  add_directory_option(command, options.directory);
  command.add_option("--limit", options.limit, "Only the first so many images of each split; 0 = all")
      ->check(CLI::Range(0, 1 << 30));
  options.unreadable = "skip";
  command.add_option("--unreadable", options.unreadable, "Images of a folder that cannot be read: skip or stop")
      ->check(CLI::IsMember({"skip", "stop"}));
  CLI::Option* mean = command
                          .add_option("--mean", options.normalization.mean,
                                      "Per channel, what a pretrained network takes off pixels in [0,1]; default: that "
                                      "of the training images")
                          ->delimiter(',');
  command.add_option("--stddev", options.normalization.stddev, "… and then divides by")->delimiter(',')->needs(mean);
}

data::Dataset load_samples(const SampleOptions& options, data::Split split, const graph::Shape& input) {
  data::Dataset set = is_folder(options.data) ? from_folder(options, split, input)
                                              : data::load_dataset(options.data, split, options.directory);
  const Normalization& given = options.normalization;
  if (!given.mean.empty() || !given.stddev.empty()) {
    check(given, set);
    set.normalization = given;
  }
  if (options.limit > 0 && options.limit < set.size()) {
    set.labels.resize(options.limit);
    set.pixels.resize(static_cast<std::size_t>(options.limit) * set.image_size());
  }
  return set;
}

std::function<void(int, std::span<float>)> normalized_images(const data::Dataset& set) {
  return [&set](int i, std::span<float> out) { data::normalize(set.image(i), set.channels, set.normalization, out); };
}

void check_samples(const data::Dataset& set, const graph::Graph& graph, const std::string& model) {
  const graph::Shape images{set.channels, set.height, set.width};
  const graph::Shape& wanted = graph.inputs.at(0).shape;
  if (wanted.size() == 4 && std::equal(images.begin(), images.end(), wanted.begin() + 1)) return;
  throw Error(
      ErrorKind::kInvalidData, model,
      "takes " + graph::to_string(wanted) + ", but the images of " + set.name + " are " + graph::to_string(images));
}

}  // namespace einet::cli
