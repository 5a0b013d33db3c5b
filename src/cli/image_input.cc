#include "cli/image_input.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "cli/input_file.h"
#include "cli/timing_options.h"
#include "data/dataset.h"
#include "data/picture.h"
#include "einet/error.h"
#include "eval/held_out_images.h"
#include "io/npz.h"

namespace einet::cli {
namespace {

struct Size {
  std::int64_t channels, height, width;
  std::size_t elements() const { return static_cast<std::size_t>(channels * height * width); }
};

Size size_of(const graph::Shape& input) { return {input.at(1), input.at(2), input.at(3)}; }

Size size_of(const bundle::Bundle& bundle) { return size_of(bundle.graph.inputs.at(0).shape); }

std::string text(std::int64_t height, std::int64_t width) {
  return std::to_string(height) + "x" + std::to_string(width);
}

constexpr std::uint64_t kMaxPictureBytes = std::uint64_t{64} << 20;
constexpr std::uint64_t kMaxArrayBytes = std::uint64_t{1} << 30;

std::vector<float> from_dataset(const std::string& name, int index, const bundle::Bundle& bundle,
                                const std::string& directory) {
  static std::map<std::string, data::Dataset> loaded;  // Command lines often name several images of one set.
  auto found = loaded.find(name);
  if (found == loaded.end()) {
    const bool is_published = std::ranges::find(data::dataset_names(), name) != data::dataset_names().end();
    found = loaded
                .emplace(name, is_published ? data::load_dataset(name, data::Split::kTest, directory)
                                            : eval::held_out_set(bundle, directory, print_note))
                .first;
  }
  const Size size = size_of(bundle);
  const data::Dataset& set = found->second;
  if (index >= set.size()) {
    throw Error(ErrorKind::kUsage, name + ":" + std::to_string(index),
                "does not exist: there are " + std::to_string(set.size()) + " test images, numbered from 0");
  }
  if (set.channels != size.channels || set.height != size.height || set.width != size.width) {
    throw Error(ErrorKind::kInvalidData, name,
                "images are " + std::to_string(set.channels) + "x" + text(set.height, set.width) +
                    ", but the network needs " + std::to_string(size.channels) + "x" + text(size.height, size.width));
  }
  std::vector<float> image;
  for (const std::uint8_t pixel : set.image(index)) image.push_back(static_cast<float>(pixel) / 255.0f);
  return image;
}

std::vector<float> from_npy(std::string_view bytes, const std::string& path, const Size& size) {
  const io::NpyArray array = io::parse_npy(bytes, path);
  auto shape = array.shape;
  if (shape.size() == 4 && shape[0] == 1) shape.erase(shape.begin());
  if (shape.size() == 2) shape.insert(shape.begin(), 1);
  if (shape != graph::Shape{size.channels, size.height, size.width}) {
    throw Error(ErrorKind::kInvalidData, path,
                "has shape " + graph::to_string(array.shape) + ", but the network needs " +
                    graph::to_string({size.channels, size.height, size.width}));
  }
  std::vector<float> image = array.as_floats(path);
  const float scale = array.dtype == "|u1" ? 1.0f / 255.0f : 1.0f;
  for (float& value : image) {
    value *= scale;
    if (!(value >= 0.0f && value <= 1.0f)) {
      throw Error(ErrorKind::kInvalidData, path, "pixels must be uint8, or floats in [0,1]");
    }
  }
  return image;
}

}  // namespace

std::vector<float> picture_pixels(std::string_view bytes, const std::string& path, const graph::Shape& input,
                                  const Preprocessing& preprocessing, bool fit) {
  const Size size = size_of(input);
  const data::PictureSize found = data::picture_size(bytes, path);
  if (!fit && !preprocessing.given() && (found.width != size.width || found.height != size.height)) {
    throw Error(ErrorKind::kInvalidData, path,
                "the picture is " + text(found.height, found.width) + " (height x width), but the network needs " +
                    text(size.height, size.width) + "; --fit resizes it");
  }
  const data::Picture picture =
      data::prepared(data::decode_picture(bytes, static_cast<int>(size.channels), path), preprocessing,
                     static_cast<int>(size.height), static_cast<int>(size.width));
  std::vector<float> image(size.elements());
  const std::int64_t area = size.height * size.width;
  for (std::int64_t c = 0; c < size.channels; ++c) {
    for (std::int64_t p = 0; p < area; ++p) {
      image[c * area + p] = static_cast<float>(picture.pixels[p * size.channels + c]) / 65535.0f;
    }
  }
  return image;
}

std::vector<float> read_image(const std::string& input, const bundle::Bundle& bundle, const ImageInput& how) {
  const Size size = size_of(bundle);
  const auto colon = input.rfind(':');
  if (colon != std::string::npos) {
    const std::string name = input.substr(0, colon);
    int index = -1;
    const auto [end, error] = std::from_chars(input.data() + colon + 1, input.data() + input.size(), index);
    const auto& names = data::dataset_names();
    const bool is_set =
        (!name.empty() && name == bundle.dataset) || std::find(names.begin(), names.end(), name) != names.end();
    if (error == std::errc() && end == input.data() + input.size() && index >= 0 && is_set) {
      return from_dataset(name, index, bundle, how.data_directory);
    }
  }
  const std::string name = input_name(input);
  const bool is_array = input.ends_with(".npy");
  const std::string bytes = read_input(input, is_array ? kMaxArrayBytes : kMaxPictureBytes);
  if (is_array || bytes.starts_with("\x93NUMPY")) return from_npy(bytes, name, size);
  const graph::Shape& shape = bundle.graph.inputs.at(0).shape;
  return picture_pixels(bytes, name, shape, how.preprocessing.resolved(shape), how.fit);
}

}  // namespace einet::cli
