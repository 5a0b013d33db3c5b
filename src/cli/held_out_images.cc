#include "cli/held_out_images.h"

#include <algorithm>
#include <memory>

#include "einet/error.h"

namespace einet::cli {

void take_over(const std::string& model, const bundle::Bundle& bundle, SampleOptions& samples) {
  if (!samples.hold_out && samples.data == bundle.dataset) samples.hold_out = bundle.hold_out;
  take_over(model, bundle.graph.inputs.at(0), bundle.preprocessing, bundle.normalization, samples);
}

data::Dataset held_out_set(const bundle::Bundle& bundle, const std::string& data_directory) {
  const auto& labels = bundle.measured_confidences().labels;
  if (bundle.dataset.empty()) {
    throw Error(ErrorKind::kNotFound, bundle.name, "does not say which dataset; run einet profile with --data");
  }
  SampleOptions samples{.data = bundle.dataset, .directory = data_directory, .limit = 0, .unreadable = "skip"};
  take_over(bundle.name, bundle, samples);
  data::Dataset set = load_samples(samples, data::Split::kTest, bundle.graph.inputs.at(0));
  if (labels.size() > set.labels.size() || !std::equal(labels.begin(), labels.end(), set.labels.begin())) {
    throw Error(ErrorKind::kInvalidData, bundle.dataset, "these are not the images that the bundle was profiled on");
  }
  return set;
}

eval::ImageSource held_out_images(const bundle::Bundle& bundle, const std::string& data_directory) {
  const auto set = std::make_shared<const data::Dataset>(held_out_set(bundle, data_directory));
  return [set](int sample, std::span<float> pixels) {
    const auto image = set->image(sample);
    std::transform(image.begin(), image.end(), pixels.begin(), [](std::uint8_t p) { return float(p) / 255.0f; });
  };
}

}  // namespace einet::cli
