#include "data/image_folder.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "data/augment.h"
#include "data/folder_listing.h"
#include "data/picture.h"
#include "einet/error.h"
#include "io/file.h"

namespace einet::data {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxImageBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kOrderSeed = 0;

Listing list(const fs::path& data, Split split, const std::optional<HoldOut>& hold_out) {
  const bool is_list = fs::is_regular_file(data);
  if (is_list && hold_out) {
    throw Error(ErrorKind::kUsage, "--split",
                data.string() +
                    " is a list: the images are divided by its column split, or without one by a hash of their paths");
  }
  Listing listing = is_list ? read_image_list(data, split) : list_folder(data, split, hold_out);
  std::vector<ImageFile> mixed;
  for (const int i : epoch_order(static_cast<int>(listing.files.size()), kOrderSeed, 0)) {
    mixed.push_back(std::move(listing.files[i]));
  }
  listing.files = std::move(mixed);
  return listing;
}

/// Appends [H,W,C] pixels as [C,H,W], rounded to 8 bits.
void append_planar(const Picture& picture, std::vector<std::uint8_t>& pixels) {
  for (int channel = 0; channel < picture.channels; ++channel) {
    for (std::size_t i = channel; i < picture.pixels.size(); i += picture.channels) {
      pixels.push_back(to_byte(picture.pixels[i]));
    }
  }
}

void check_every_class_is_there(const Dataset& dataset, const std::vector<ImageFile>& files, const fs::path& folder) {
  std::vector<char> listed(dataset.classes(), 0);
  for (const ImageFile& file : files) listed[file.label] = 1;
  for (const std::int32_t label : dataset.labels) listed[label] = 0;
  const auto lost = std::ranges::find(listed, 1);
  if (lost == listed.end()) return;
  throw Error(ErrorKind::kInvalidData, (folder / dataset.label_names[lost - listed.begin()]).string(),
              "none of its images can be read");
}

ImageFolder read(const fs::path& folder, Split split, const ImageFolderOptions& options) {
  ImageFolder result;
  Dataset& dataset = result.dataset;
  dataset.name = folder.string();
  dataset.channels = options.channels;
  dataset.height = options.height;
  dataset.width = options.width;
  const Listing listing = list(folder, split, options.hold_out);
  const std::vector<ImageFile>& files = listing.files;
  dataset.label_names = listing.classes;
  result.taken = listing.taken;
  result.unlabelled = listing.unlabelled;
  dataset.pixels.reserve(files.size() * dataset.image_size());
  for (const ImageFile& file : files) {
    try {
      const std::string bytes = io::read_file(file.path, kMaxImageBytes);
      append_planar(prepared(decode_picture(bytes, options.channels, file.path.string()), options.preprocessing,
                             options.height, options.width),
                    dataset.pixels);
      dataset.labels.push_back(file.label);
    } catch (const Error& error) {
      if (options.stop_at_unreadable) throw;
      const std::string name = file.path.string();
      std::string why = error.what();
      if (why.starts_with(name + ": ")) why.erase(0, name.size() + 2);
      result.unreadable.push_back({name, std::move(why)});
    }
  }
  check_every_class_is_there(dataset, files, listing.folder.empty() ? folder : listing.folder);
  return result;
}

/// Mean and standard deviation of pixel/255 of each channel.
Normalization normalization_of(const Dataset& dataset) {
  Normalization normalization;
  const std::size_t plane = static_cast<std::size_t>(dataset.height) * dataset.width;
  for (int channel = 0; channel < dataset.channels; ++channel) {
    std::array<std::uint64_t, 256> count{};
    for (int i = 0; i < dataset.size(); ++i) {
      for (const std::uint8_t pixel : dataset.image(i).subspan(channel * plane, plane)) ++count[pixel];
    }
    double total = 0, sum = 0, squares = 0;
    for (int value = 0; value < 256; ++value) {
      const double x = value / 255.0, n = static_cast<double>(count[value]);
      total += n;
      sum += n * x;
      squares += n * x * x;
    }
    const double mean = sum / total;
    const double variance = std::max(0.0, squares / total - mean * mean);
    normalization.mean.push_back(static_cast<float>(mean));
    normalization.stddev.push_back(variance > 0 ? static_cast<float>(std::sqrt(variance)) : 1.0f);
  }
  return normalization;
}

}  // namespace

ImageFolder load_image_folder(const fs::path& folder, Split split, const ImageFolderOptions& options) {
  if (!fs::is_directory(folder) && !fs::is_regular_file(folder))
    throw Error(ErrorKind::kNotFound, folder.string(), "no such folder or CSV list");
  if (options.channels != 1 && options.channels != 3) {
    throw Error(ErrorKind::kUnsupported, folder.string(),
                "images have 1 or 3 channels, but the network takes " + std::to_string(options.channels));
  }
  ImageFolder result = read(folder, split, options);
  Dataset& dataset = result.dataset;
  if (options.normalization) {
    dataset.normalization = *options.normalization;
  } else if (split == Split::kTrain) {
    dataset.normalization = normalization_of(dataset);
  } else {
    ImageFolderOptions training = options;
    training.stop_at_unreadable = false;
    dataset.normalization = normalization_of(read(folder, Split::kTrain, training).dataset);
  }
  return result;
}

}  // namespace einet::data
