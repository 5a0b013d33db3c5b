#include "data/samples.h"

#include <algorithm>
#include <filesystem>

#include "data/image_folder.h"
#include "einet/error.h"

namespace einet::data {
namespace {

constexpr std::size_t kMostNamed = 10;

void report_unreadable(const ImageFolder& folder, Split split, const NoteHandler& note) {
  const auto& left_out = folder.unreadable;
  if (left_out.empty()) return;
  for (std::size_t i = 0; i < std::min(kMostNamed, left_out.size()); ++i) {
    note(left_out[i].file + ": " + left_out[i].why);
  }
  if (left_out.size() > kMostNamed) note("… and " + std::to_string(left_out.size() - kMostNamed) + " more");
  note(folder.dataset.name + ": " + std::to_string(left_out.size()) + " of " +
       std::to_string(left_out.size() + folder.dataset.labels.size()) +
       (split == Split::kTrain ? " training" : " test") +
       " images cannot be read and are skipped (--unreadable stop makes this an error)");
}

Dataset from_folder(const SampleSource& source, Split split, const graph::Shape& input, const NoteHandler& note) {
  if (input.size() != 4) {
    throw Error(ErrorKind::kInvalidData, source.data,
                "images do not match a network that takes " + graph::to_string(input));
  }
  ImageFolderOptions options{.channels = static_cast<int>(input[1]),
                             .height = static_cast<int>(input[2]),
                             .width = static_cast<int>(input[3]),
                             .stop_at_unreadable = source.stop_at_unreadable};
  options.preprocessing = source.preprocessing;
  options.hold_out = source.hold_out;
  if (!source.normalization.mean.empty())
    options.normalization = source.normalization;  // With it, only one split is read.
  ImageFolder folder = load_image_folder(source.data, split, options);
  if (split == Split::kTest && folder.taken != "test" && !source.hold_out) {
    note(folder.dataset.name + ": no " +
         (folder.unlabelled.empty() ? "test" : "class folders in " + folder.unlabelled) + "; using those in " +
         folder.taken + " as test images");
  }
  report_unreadable(folder, split, note);
  return std::move(folder.dataset);
}

/// Loads a dataset by name; its images must have the size of the network's input, and it defines its own splits.
Dataset from_dataset(const SampleSource& source, Split split) {
  if (source.hold_out) {
    throw Error(ErrorKind::kUsage, "--split", "is for a folder of pictures; " + source.data + " is a dataset");
  }
  return load_dataset(source.data, split, source.directory);
}

void check(const Normalization& normalization, const Dataset& set) {
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

// Keeps pixels unchanged, from 0 to 255.
Normalization whole_pixels(int channels) {
  const auto count = static_cast<std::size_t>(channels);
  return {std::vector<float>(count, 0.0f), std::vector<float>(count, 1.0f / 255.0f)};
}

}  // namespace

bool SampleSource::has_pictures() const {
  const auto& names = dataset_names();
  if (std::ranges::find(names, data) != names.end()) return false;
  return data.find('/') != std::string::npos || data.ends_with(".csv") || std::filesystem::is_directory(data);
}

Dataset load_samples(const SampleSource& source, Split split, const graph::Input& input, const NoteHandler& note) {
  if (source.hold_out && !source.hold_out->valid()) {
    throw Error(ErrorKind::kUsage, "--split",
                "the share of training images must be above 0 and below 1, for example 0.8");
  }
  Dataset set = source.has_pictures() ? from_folder(source, split, input.shape, note) : from_dataset(source, split);
  const Normalization& given = source.normalization;
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
  if (source.limit > 0 && source.limit < set.size()) {
    set.labels.resize(source.limit);
    set.pixels.resize(static_cast<std::size_t>(source.limit) * set.image_size());
  }
  return set;
}

std::function<void(int, std::span<float>)> normalized_images(const Dataset& set) {
  return [&set](int i, std::span<float> out) { normalize(set.image(i), set.channels, set.normalization, out); };
}

void check_samples(const Dataset& set, const graph::Graph& graph, const std::string& model) {
  const graph::Shape images{set.channels, set.height, set.width};
  const graph::Shape& wanted = graph.inputs.at(0).shape;
  if (wanted.size() == 4 && std::equal(images.begin(), images.end(), wanted.begin() + 1)) return;
  throw Error(
      ErrorKind::kInvalidData, model,
      "takes " + graph::to_string(wanted) + ", but the images of " + set.name + " are " + graph::to_string(images));
}

}  // namespace einet::data
