#include "eval/held_out_images.h"

#include <algorithm>
#include <memory>

#include "einet/error.h"

namespace einet::eval {

data::Dataset held_out_set(const bundle::Bundle& bundle, const std::string& data_directory,
                           const data::NoteHandler& note) {
  const auto& labels = bundle.measured_confidences().labels;
  if (bundle.dataset.empty()) {
    throw Error(ErrorKind::kNotFound, bundle.name, "does not name its dataset; run einet profile with --data");
  }
  const data::SampleSource source{.data = bundle.dataset,
                                  .directory = data_directory,
                                  .hold_out = bundle.hold_out,
                                  .preprocessing = bundle.preprocessing,
                                  .normalization = bundle.normalization};
  data::Dataset set = data::load_samples(source, data::Split::kTest, bundle.graph.inputs.at(0), note);
  if (labels.size() > set.labels.size() || !std::equal(labels.begin(), labels.end(), set.labels.begin())) {
    throw Error(ErrorKind::kInvalidData, bundle.dataset, "does not have the images that the bundle was profiled on");
  }
  return set;
}

ImageSource held_out_images(const bundle::Bundle& bundle, const std::string& data_directory,
                            const data::NoteHandler& note) {
  const auto set = std::make_shared<const data::Dataset>(held_out_set(bundle, data_directory, note));
  return [set](int sample, std::span<float> pixels) {
    const auto image = set->image(sample);
    std::transform(image.begin(), image.end(), pixels.begin(), [](std::uint8_t p) { return float(p) / 255.0f; });
  };
}

}  // namespace einet::eval
