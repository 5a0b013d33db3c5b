#include "data/dataset.h"

#include <cstdlib>
#include <optional>

#include "data/cifar.h"
#include "data/gzip.h"
#include "data/idx.h"
#include "data/source.h"
#include "data/specification.h"
#include "einet/error.h"
#include "io/file.h"

namespace einet::data {
namespace fs = std::filesystem;
namespace {

/// Contents of the official files of a split, from the first folder that has all of them.
struct Found {
  fs::path folder;
  std::vector<std::string> files;
};

std::optional<Found> read_split(const Specification& spec, Split split, const fs::path& folder) {
  Found found{.folder = folder, .files = {}};
  for (const OfficialFile& file : spec.of(split)) {
    std::optional<std::string> bytes = read_plain_or_gzip(folder / file.name, file.bytes);
    if (!bytes) return std::nullopt;
    found.files.push_back(*std::move(bytes));
  }
  return found;
}

Found find(const Specification& spec, Split split, const fs::path& directory) {
  fs::path base = directory;
  if (base.empty()) {
    const char* environment = std::getenv("EINET_DATA");
    base = environment != nullptr && *environment != '\0' ? environment : "data";
  }
  std::vector<fs::path> folders = {base / spec.folder};
  if (const fs::path packaged = packaged_folder(spec); !packaged.empty()) folders.push_back(packaged);
  for (const fs::path& folder : folders) {
    if (std::optional<Found> found = read_split(spec, split, folder)) return *std::move(found);
  }
  throw Error(ErrorKind::kNotFound, "dataset " + spec.name,
              "not in " + folders[0].string() + "; run `einet data get " + spec.name + " --dir " + base.string() + "`");
}

void append_idx(const Found& found, const std::vector<OfficialFile>& official, Dataset& dataset) {
  const std::string images_name = (found.folder / official[0].name).string();
  const std::string labels_name = (found.folder / official[1].name).string();
  const Idx images = parse_idx(found.files[0], 3, images_name);
  const Idx labels = parse_idx(found.files[1], 1, labels_name);
  if (images.shape[1] != dataset.height || images.shape[2] != dataset.width) {
    throw Error(ErrorKind::kInvalidData, images_name, "images are not 28x28");
  }
  if (images.shape[0] != labels.shape[0]) {
    throw Error(ErrorKind::kInvalidData, labels_name, "the number of labels differs from the number of images");
  }
  dataset.pixels.assign(images.elements.begin(), images.elements.end());
  for (const char element : labels.elements) {
    const int label = static_cast<unsigned char>(element);
    if (label >= dataset.classes()) {
      throw Error(ErrorKind::kInvalidData, labels_name, "label " + std::to_string(label) + " is out of range");
    }
    dataset.labels.push_back(label);
  }
}

}  // namespace

std::span<const std::uint8_t> Dataset::image(int i) const {
  return std::span(pixels).subspan(static_cast<std::size_t>(i) * image_size(), image_size());
}

Dataset load_dataset(std::string_view name, Split split, const fs::path& directory) {
  const Specification& spec = specification(name);
  const Found found = find(spec, split, directory);
  const std::vector<OfficialFile>& official = spec.of(split);
  Dataset dataset{.name = spec.name,
                  .channels = spec.channels,
                  .height = spec.height,
                  .width = spec.width,
                  .label_names = spec.label_names,
                  .normalization = spec.normalization,
                  .pixels = {},
                  .labels = {}};
  for (std::size_t i = 0; i < official.size(); ++i) {
    if (found.files[i].size() != official[i].bytes) {
      throw Error(
          ErrorKind::kInvalidData, (found.folder / official[i].name).string(),
          std::to_string(found.files[i].size()) + " bytes; the official file has " + std::to_string(official[i].bytes));
    }
    if (spec.label_bytes > 0) {
      parse_cifar(found.files[i], spec.label_bytes, dataset.classes(), (found.folder / official[i].name).string(),
                  dataset.pixels, dataset.labels);
    }
  }
  if (spec.label_bytes == 0) append_idx(found, official, dataset);
  return dataset;
}

}  // namespace einet::data
