#include "cli/samples.h"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <sstream>

#include "core/preprocessing.h"
#include "data/image_folder.h"
#include "einet/error.h"

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
  data::ImageFolderOptions how{.channels = static_cast<int>(input[1]),
                               .height = static_cast<int>(input[2]),
                               .width = static_cast<int>(input[3]),
                               .stop_at_unreadable = options.unreadable == "stop"};
  how.preprocessing = options.preprocessing.resolved(input);
  how.hold_out = options.hold_out;
  if (!options.normalization.mean.empty()) how.normalization = options.normalization;  // Then only one split is read.
  data::ImageFolder folder = data::load_image_folder(options.data, split, how);
  if (split == data::Split::kTest && folder.taken != "test" && !options.hold_out) {
    std::cerr << "einet: " << folder.dataset.name << ": no "
              << (folder.unlabelled.empty() ? "test" : "class folders in " + folder.unlabelled)
              << ", the test images are those of " << folder.taken << '\n';
  }
  warn(folder, split == data::Split::kTrain ? "training" : "test");
  return std::move(folder.dataset);
}

/// A dataset by its name has images of the network's size, and a split.
data::Dataset from_dataset(const SampleOptions& options, data::Split split) {
  const auto refuse = [&](const char* option, const std::string& why) {
    throw Error(ErrorKind::kUsage, option, why + "; " + options.data + " is a dataset");
  };
  if (options.hold_out) refuse("--split", "is for a folder of pictures");
  if (options.preprocessing.given()) refuse("--resize, --crop", "are for folders and lists of pictures");
  return data::load_dataset(options.data, split, options.directory);
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

/// "0.485,0.456,0.406".
std::string text(const std::vector<float>& values) {
  std::ostringstream text;
  for (std::size_t i = 0; i < values.size(); ++i) text << (i == 0 ? "" : ",") << values[i];
  return text.str();
}

// What leaves pixels as they are, from 0 to 255.
Normalization whole_pixels(int channels) {
  const auto count = static_cast<std::size_t>(channels);
  return {std::vector<float>(count, 0.0f), std::vector<float>(count, 1.0f / 255.0f)};
}

}  // namespace

void add_directory_option(CLI::App& command, std::string& directory) {
  command.add_option("--dir", directory, "Where datasets are kept; default $EINET_DATA, else ./data");
}

void add_sample_options(CLI::App& command, SampleOptions& options) {
  command.add_option(
      "--data", options.data,
      "mnist, fashion-mnist, cifar10, cifar100, or a folder with train/CLASS/*.png|jpg and "
      "test/CLASS/*.png|jpg (without test/: val/, valid/ or validation/; without any: --split), or a CSV file of "
      "path,label[,split]");
  add_directory_option(command, options.directory);
  command.add_option("--limit", options.limit, "Only the first so many images of each split; 0 = all")
      ->check(CLI::Range(0, 1 << 30));
  options.unreadable = "skip";
  command.add_option("--unreadable", options.unreadable, "Images of a folder that cannot be read: skip or stop")
      ->check(CLI::IsMember({"skip", "stop"}));
  CLI::Option* share = command.add_option_function<double>(
      "--split", [&options](double train) { options.hold_out = {.train_share = train, .seed = 0}; },
      "For a folder without test images: the share of each class that is for training, such as 0.8");
  command
      .add_option_function<std::int64_t>(
          "--split-seed",
          [&options](std::int64_t seed) {
            if (options.hold_out) options.hold_out->seed = seed;  // Else the command fails.
          },
          "Another number holds out other images (0)")
      ->check(CLI::NonNegativeNumber)
      ->needs(share);
  add_preprocessing_options(command, options.preprocessing);
  CLI::Option* mean = command
                          .add_option("--mean", options.normalization.mean,
                                      "Per channel, what a pretrained network takes off pixels in [0,1]; default: that "
                                      "of the bundle, or of the training images")
                          ->delimiter(',');
  command.add_option("--stddev", options.normalization.stddev, "… and then divides by")->delimiter(',')->needs(mean);
}

void take_over(const std::string& model, const graph::Input& input, const Preprocessing& preprocessing,
               const Normalization& normalization, SampleOptions& samples) {
  samples.preprocessing.otherwise = preprocessing;
  if (samples.preprocessing.given() && preprocessing.given()) {
    const Preprocessing now = samples.preprocessing.resolved(input.shape);
    if (now != preprocessing) {
      std::cerr << "einet: " << model << ": was trained on pictures " << to_string(preprocessing)
                << "; the options replace this by " << to_string(now) << '\n';
    }
  }
  const auto& [mean, stddev] = normalization;
  if (mean.empty()) return;
  if (input.shape.size() != 4 || mean.size() != static_cast<std::size_t>(input.shape[1])) {
    throw Error(ErrorKind::kInvalidData, model,
                "has means and deviations of " + std::to_string(mean.size()) + " channels, but takes " +
                    graph::to_string(input.shape));
  }
  Normalization& given = samples.normalization;
  if (given.mean.empty()) {
    given = normalization;
  } else if (given.mean != mean || given.stddev != stddev) {
    std::cerr << "einet: " << model << ": was trained with the means " << text(mean) << " and deviations "
              << text(stddev) << "; --mean and --stddev replace them\n";
  }
}

data::Dataset load_samples(const SampleOptions& options, data::Split split, const graph::Input& input) {
  if (options.hold_out && !options.hold_out->valid()) {
    throw Error(ErrorKind::kUsage, "--split",
                "the share of the training images must lie between 0 and 1, such as 0.8; both ends excluded");
  }
  data::Dataset set = is_folder(options.data) ? from_folder(options, split, input.shape) : from_dataset(options, split);
  const Normalization& given = options.normalization;
  if (input.bytes) {
    set.normalization = whole_pixels(set.channels);
    if (!given.mean.empty() && (given.mean != set.normalization.mean || given.stddev != set.normalization.stddev)) {
      throw Error(ErrorKind::kUsage, "--mean, --stddev",
                  "the network takes pixels from 0 to 255: its input '" + input.name + "' is uint8");
    }
  } else if (!given.mean.empty() || !given.stddev.empty()) {
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
