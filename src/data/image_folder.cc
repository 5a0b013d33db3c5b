#include "einet/data/image_folder.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "einet/core/error.h"
#include "einet/data/augment.h"
#include "einet/data/picture.h"
#include "einet/io/file.h"
#include "image_list.h"

namespace einet::data {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kMaxImageBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kOrderSeed = 0;
constexpr std::array kTestFolders{"test", "val", "valid", "validation"};

bool is_hidden(const fs::path& path) { return path.filename().string().starts_with('.'); }

/// The files or folders of a folder that are not hidden, in order of their names.
std::vector<fs::path> entries(const fs::path& folder, bool folders) {
  std::vector<fs::path> found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_directory() == folders && !is_hidden(entry.path())) found.push_back(entry.path());
  }
  if (error) throw Error(ErrorKind::kNotFound, folder.string(), "no folder that can be read (" + error.message() + ")");
  std::ranges::sort(found);
  return found;
}

std::vector<std::string> class_names(const fs::path& folder) {
  std::vector<std::string> names;
  for (const fs::path& path : entries(folder / "train", true)) names.push_back(path.filename().string());
  if (names.size() < 2) {
    throw Error(ErrorKind::kInvalidData, (folder / "train").string(),
                std::to_string(names.size()) + " class folders; a classifier needs two");
  }
  return names;
}

/// The folder of a split: for the test images the first of kTestFolders that is there.
fs::path folder_of(const fs::path& folder, Split split) {
  if (split == Split::kTrain) return folder / "train";
  for (const char* name : kTestFolders) {
    if (fs::is_directory(folder / name)) return folder / name;
  }
  throw Error(ErrorKind::kNotFound, folder.string(),
              "no folder of test images (looked for test/, val/, valid/ and validation/)");
}

/// The files below the class folders.
std::vector<ImageFile> list_files(const fs::path& folder, const std::vector<std::string>& classes) {
  std::vector<ImageFile> files;
  for (const fs::path& path : entries(folder, true)) {
    const auto label = std::ranges::find(classes, path.filename().string());
    if (label == classes.end()) {
      throw Error(ErrorKind::kInvalidData, path.string(), "no class of this name among the training images");
    }
    const std::vector<fs::path> images = entries(path, false);
    if (images.empty()) throw Error(ErrorKind::kNotFound, path.string(), "no image in this class");
    for (const fs::path& image : images) {
      files.push_back({image, static_cast<std::int32_t>(label - classes.begin())});
    }
  }
  return files;
}

Listing list(const fs::path& data, Split split) {
  Listing listing;
  if (fs::is_regular_file(data)) {
    listing = read_image_list(data, split);
  } else {
    const fs::path below = folder_of(data, split);
    listing.classes = class_names(data);
    listing.files = list_files(below, listing.classes);
    listing.taken = below.filename().string();
  }
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
  const Listing listing = list(folder, split);
  const std::vector<ImageFile>& files = listing.files;
  dataset.label_names = listing.classes;
  result.taken = listing.taken;
  dataset.pixels.reserve(files.size() * dataset.image_size());
  for (const ImageFile& file : files) {
    try {
      const std::string bytes = io::read_file(file.path, kMaxImageBytes);
      append_planar(fitted(decode_picture(bytes, options.channels, file.path.string()), options.height, options.width),
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
  check_every_class_is_there(dataset, files, fs::is_regular_file(folder) ? folder : folder / listing.taken);
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
                "images have 1 or 3 channels, the network takes " + std::to_string(options.channels));
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
