#include "cli/sample_options.h"

#include <sstream>

#include "cli/timing_options.h"
#include "core/preprocessing.h"
#include "einet/error.h"

namespace einet::cli {
namespace {

/// "0.485,0.456,0.406".
std::string text(const std::vector<float>& values) {
  std::ostringstream text;
  for (std::size_t i = 0; i < values.size(); ++i) text << (i == 0 ? "" : ",") << values[i];
  return text.str();
}

}  // namespace

void add_directory_option(CLI::App& command, std::string& directory) {
  command.add_option("--dir", directory, "Folder of the datasets; default $EINET_DATA, else ./data");
}

void add_sample_options(CLI::App& command, SampleOptions& options) {
  command.add_option(
      "--data", options.source.data,
      "mnist, fashion-mnist, cifar10, cifar100, or a folder with train/CLASS/*.png|jpg and "
      "test/CLASS/*.png|jpg (without test/: val/, valid/ or validation/; without any: --split), or a CSV file of "
      "path,label[,split]");
  add_directory_option(command, options.source.directory);
  command.add_option("--limit", options.source.limit, "Use only the first N images of each split; 0 = all")
      ->check(CLI::Range(0, 1 << 30));
  command
      .add_option_function<std::string>(
          "--unreadable", [&options](const std::string& what) { options.source.stop_at_unreadable = what == "stop"; },
          "For images of a folder that cannot be read: skip or stop")
      ->check(CLI::IsMember({"skip", "stop"}));
  CLI::Option* share = command.add_option_function<double>(
      "--split", [&options](double train) { options.source.hold_out = {.train_share = train, .seed = 0}; },
      "For a folder without test images: the share of each class used for training, such as 0.8");
  command
      .add_option_function<std::int64_t>(
          "--split-seed",
          [&options](std::int64_t seed) {
            if (options.source.hold_out) options.source.hold_out->seed = seed;  // Otherwise the command fails.
          },
          "Selects the images that are held out (0)")
      ->check(CLI::NonNegativeNumber)
      ->needs(share);
  add_preprocessing_options(command, options.preprocessing);
  CLI::Option* mean = command
                          .add_option("--mean", options.source.normalization.mean,
                                      "Per channel, the mean that a pretrained network subtracts from pixels in [0,1]; "
                                      "default: that of the bundle, or of the training images")
                          ->delimiter(',');
  command
      .add_option("--stddev", options.source.normalization.stddev,
                  "Per channel, the standard deviation that it then divides by")
      ->delimiter(',')
      ->needs(mean);
}

void adopt_preparation(const std::string& model, const graph::Input& input, const Preprocessing& preprocessing,
                       const Normalization& normalization, SampleOptions& samples) {
  samples.preprocessing.fallback = preprocessing;
  if (samples.preprocessing.given() && preprocessing.given()) {
    const Preprocessing now = samples.preprocessing.resolved(input.shape);
    if (now != preprocessing) {
      print_note(model + ": was trained on pictures " + to_string(preprocessing) + "; the options replace this with " +
                 to_string(now));
    }
  }
  const auto& [mean, stddev] = normalization;
  if (mean.empty()) return;
  if (input.shape.size() != 4 || mean.size() != static_cast<std::size_t>(input.shape[1])) {
    throw Error(ErrorKind::kInvalidData, model,
                "has means and deviations for " + std::to_string(mean.size()) + " channels, but takes " +
                    graph::to_string(input.shape));
  }
  Normalization& given = samples.source.normalization;
  if (given.mean.empty()) {
    given = normalization;
  } else if (given.mean != mean || given.stddev != stddev) {
    print_note(model + ": was trained with the means " + text(mean) + " and deviations " + text(stddev) +
               "; --mean and --stddev replace them");
  }
}

void adopt_preparation(const std::string& model, const bundle::Bundle& bundle, SampleOptions& samples) {
  data::SampleSource& source = samples.source;
  if (!source.hold_out && source.data == bundle.dataset) source.hold_out = bundle.hold_out;
  adopt_preparation(model, bundle.graph.inputs.at(0), bundle.preprocessing, bundle.normalization, samples);
}

data::Dataset load_samples(const SampleOptions& options, data::Split split, const graph::Input& input) {
  data::SampleSource source = options.source;
  if (source.has_pictures()) {
    source.preprocessing = options.preprocessing.resolved(input.shape);
  } else if (options.preprocessing.given()) {
    throw Error(ErrorKind::kUsage, "--resize, --crop",
                "are for folders and lists of pictures; " + source.data + " is a dataset");
  }
  return data::load_samples(source, split, input, print_note);
}

}  // namespace einet::cli
