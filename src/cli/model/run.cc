#include <algorithm>
#include <atomic>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <limits>
#include <memory>
#include <numeric>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "bundle/network_file.h"
#include "cli/executor_options.h"
#include "cli/image_input.h"
#include "cli/input_file.h"
#include "cli/json_output.h"
#include "cli/model/model.h"
#include "cli/parse.h"
#include "einet/error.h"
#include "exec/program.h"
#include "exec/scores.h"
#include "graph/onnx_file.h"
#include "graph/shape_inference.h"
#include "io/file.h"
#include "io/npz.h"

namespace einet::cli {
namespace {

constexpr std::uint64_t kMaxInputBytes = std::uint64_t{4} << 30;

struct RunOptions {
  std::string model, input, output, shape, precision = "f32";
  bool reference = false, json = false;
};

struct Output {
  std::string name;
  graph::Shape shape;
  std::vector<float> values;
  graph::Head head = graph::Head::kLogits;

  bool is_classifier() const { return graph::class_count(shape, head) > 0; }
  std::span<const float> of_image(std::int64_t image) const {
    const std::size_t each = values.size() / static_cast<std::size_t>(shape[0]);
    return std::span(values).subspan(static_cast<std::size_t>(image) * each, each);
  }
};

std::vector<Output> execute(const graph::Graph& graph, const exec::Program& program, const std::vector<float>& input) {
  const auto execution = program.new_execution();
  execution->set_input(input);
  const graph::Shapes shapes = graph::infer_shapes(graph, program.batch());
  std::vector<Output> outputs;
  for (int i = 0; i < program.exits(); ++i) {
    exec::require_done(execution->run_conv_part(i, exec::kNeverStop));
    exec::require_done(execution->run_branch(i, exec::kNeverStop));
    const auto values = execution->output(i);
    const graph::Block& block = program.blocks()[i];
    outputs.push_back({block.output, shapes.at(block.output), {values.begin(), values.end()}, block.head});
  }
  return outputs;
}

// The five most likely classes of one image, most likely first.
struct Guess {
  std::int64_t label;
  float score, probability;
};

// Whether the scores of one image determine a most likely class: none is NaN or plus infinity.
bool is_classified(const Output& output, std::int64_t image) {
  const std::span<const float> scores = output.of_image(image);
  const bool numbers = std::ranges::none_of(
      scores, [](float score) { return std::isnan(score) || score == std::numeric_limits<float>::infinity(); });
  return numbers && std::ranges::any_of(scores, [](float score) { return std::isfinite(score); });
}

std::vector<Guess> top_five(const Output& output, std::int64_t image) {
  const std::vector<float> probabilities = exec::class_probabilities(output.of_image(image), output.head);
  const std::size_t classes = probabilities.size();
  const bool binary = output.of_image(image).size() != classes;  // A single sigmoid, whose score is that of class 1.
  const std::span<const float> scores = binary ? std::span<const float>(probabilities) : output.of_image(image);
  std::vector<std::size_t> order(classes);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto count = static_cast<std::ptrdiff_t>(std::min<std::size_t>(5, classes));
  std::partial_sort(order.begin(), order.begin() + count, order.end(), [&](std::size_t a, std::size_t b) {
    return scores[a] != scores[b] ? scores[a] > scores[b] : a < b;
  });
  std::vector<Guess> guesses;
  for (std::ptrdiff_t k = 0; k < count; ++k) {
    const std::size_t label = order[static_cast<std::size_t>(k)];
    guesses.push_back({static_cast<std::int64_t>(label), scores[label], probabilities[label]});
  }
  return guesses;
}

// Names of values may contain characters that file names may not.
std::vector<std::string> file_names(const std::vector<Output>& outputs) {
  std::set<std::string> taken;
  std::vector<std::string> names;
  for (const Output& output : outputs) {
    std::string name = output.name;
    for (char& letter : name) {
      const bool plain = std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_' || letter == '-';
      if (!plain && letter != '.') letter = '_';
    }
    if (name.front() == '.') name.front() = '_';
    while (!taken.insert(name).second) name += "_";
    names.push_back(name + ".npy");
  }
  return names;
}

void write(const std::vector<Output>& outputs, const std::filesystem::path& folder) {
  io::create_folders(folder);
  const std::vector<std::string> names = file_names(outputs);
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    io::write_file(folder / names[i], io::format_npy(io::NpyArray::from(outputs[i].values, outputs[i].shape)));
  }
}

nlohmann::json report(const std::vector<Output>& outputs) {
  nlohmann::json list = nlohmann::json::array();
  for (const Output& output : outputs) {
    nlohmann::json entry = {{"output", output.name}, {"shape", output.shape}};
    for (std::int64_t image = 0; output.is_classifier() && image < output.shape[0]; ++image) {
      nlohmann::json top = is_classified(output, image) ? nlohmann::json::array() : nlohmann::json();
      if (top.is_array()) {
        for (const Guess& guess : top_five(output, image)) {
          top.push_back({{"class", guess.label}, {"score", guess.score}, {"probability", guess.probability}});
        }
      }
      entry["top"].push_back(top);
    }
    const auto numbers = std::ranges::count_if(output.values, [](float value) { return std::isfinite(value); });
    entry["not_finite"] = static_cast<std::ptrdiff_t>(output.values.size()) - numbers;
    list.push_back(entry);
  }
  return list;
}

void print_outputs(const nlohmann::json& list) {
  for (const auto& entry : list) {
    std::cout << entry["output"].get<std::string>() << ' ' << graph::to_string(entry["shape"].get<graph::Shape>());
    if (entry["not_finite"] > 0) std::cout << "  " << entry["not_finite"] << " values are NaN or infinite";
    std::cout << '\n';
    if (!entry.contains("top")) continue;
    const bool several = entry["top"].size() > 1;
    for (std::size_t image = 0; image < entry["top"].size(); ++image) {
      std::cout << (several ? "  image " + std::to_string(image) + ":" : std::string("  top:"));
      if (entry["top"][image].is_null()) std::cout << "  no class, because scores are NaN or infinite";
      for (const auto& guess : entry["top"][image]) {
        std::cout << "  " << guess["class"].get<std::int64_t>() << ' ' << std::fixed << std::setprecision(4)
                  << guess["score"].get<double>() << " (" << std::setprecision(1)
                  << 100.0 * guess["probability"].get<double>() << " %)";
      }
      std::cout << '\n';
    }
  }
}

// Given NaN, a network would still give some answer.
void require_finite(const std::vector<float>& values, const graph::Shape& shape, const std::string& name) {
  const auto bad = std::ranges::find_if_not(values, [](float value) { return std::isfinite(value); });
  if (bad == values.end()) return;
  std::int64_t rest = bad - values.begin();
  graph::Shape index(shape.size());
  for (std::size_t d = shape.size(); d-- > 0; rest /= shape[d]) index[d] = rest % shape[d];
  throw Error(ErrorKind::kInvalidData, name,
              "value " + graph::to_string(index) + " is " + (std::isnan(*bad) ? "NaN" : "infinite") +
                  "; inputs must be finite");
}

// A picture as one image, preprocessed as stored in the file of the network or the bundle.
io::NpyArray from_picture(std::string_view bytes, const std::string& name, const graph::Graph& graph) {
  const graph::Shape& shape = graph.inputs.front().shape;
  if (shape.size() != 4) {
    throw Error(ErrorKind::kInvalidData, name,
                "is not a .npy file, but the input of the network is " + graph::to_string(shape));
  }
  if (graph.normalization.mean.empty()) {
    throw Error(
        ErrorKind::kInvalidData, name,
        "is not a .npy file, but the file of the network does not state how to normalise pictures (einet.mean)");
  }
  const PreprocessingOptions stored{.fallback = graph.preprocessing};
  std::vector<float> pixels = picture_pixels(bytes, name, shape, stored.resolved(shape), true);
  const auto& [mean, stddev] = graph.normalization;
  const std::size_t area = pixels.size() / mean.size();
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = (pixels[i] - mean[i / area]) / stddev[i / area];
  return io::NpyArray::from(pixels, {1, shape[1], shape[2], shape[3]});
}

graph::Graph load(const RunOptions& o, bool channels_first) {
  graph::LoadOptions options{.channels_first = channels_first};
  if (!o.shape.empty()) options.input_shape = parse_shape(o.shape);
  graph::Graph graph = graph::load_onnx(bundle::onnx_file(o.model), options);
  if (std::filesystem::is_directory(o.model)) {
    const bundle::Bundle bundle = bundle::load_bundle(o.model);
    bundle.require_weights();
    graph.preprocessing = bundle.preprocessing;
    graph.normalization = bundle.normalization;
    if (graph.normalization.mean.empty()) {  // For a bundle, pixels then stay unchanged.
      const auto channels = static_cast<std::size_t>(bundle.graph.inputs.front().shape.at(1));
      graph.normalization = {std::vector(channels, 0.0f), std::vector(channels, 1.0f)};
    }
  }
  const auto& mean = graph.normalization.mean;
  const graph::Shape& shape = graph.inputs.front().shape;
  if (channels_first && !mean.empty() && (shape.size() != 4 || static_cast<std::int64_t>(mean.size()) != shape[1])) {
    throw Error(
        ErrorKind::kInvalidData, o.model,
        "has means for " + std::to_string(mean.size()) + " channels, but its input is " + graph::to_string(shape));
  }
  return graph;
}

void run(const RunOptions& o) {
  if (!o.output.empty()) io::check_output_folder(o.output);
  const std::string name = input_name(o.input);
  const std::string bytes = read_input(o.input, kMaxInputBytes);
  const bool is_array = o.input.ends_with(".npy") || bytes.starts_with("\x93NUMPY");
  io::NpyArray array;
  if (is_array) {
    array = io::parse_npy(bytes, name);
    require_finite(array.as_floats(name), array.shape, name);
  }
  const graph::Graph graph = load(o, !is_array);
  if (!is_array) array = from_picture(bytes, name, graph);
  const std::vector<float> input = array.as_floats(name);
  graph::Shape wanted = graph.inputs.front().shape;
  if (!wanted.empty() && wanted.front() == -1 && !array.shape.empty()) wanted.front() = array.shape.front();
  if (array.shape != wanted || input.empty()) {
    throw Error(ErrorKind::kInvalidData, name,
                "has shape " + graph::to_string(array.shape) + ", but " + bundle::onnx_file(o.model).string() +
                    " takes " + graph::to_string(graph.inputs.front().shape));
  }
  const exec::CompileOptions compile{.batch = wanted.front(), .precision = exec::parse_precision(o.precision)};
  const auto program = o.reference ? exec::compile_reference(graph, compile) : exec::compile(graph, compile);
  const std::vector<Output> outputs = execute(graph, *program, input);
  if (!o.output.empty()) write(outputs, o.output);
  const nlohmann::json list = report(outputs);
  if (o.json) {
    print_json(list);
  } else {
    print_outputs(list);
  }
}

}  // namespace

void add_model_run(CLI::App& model) {
  CLI::App* sub = model.add_subcommand(
      "run", "Run any ONNX network on an array or a picture: print shapes and the top five, write outputs as .npy");
  auto o = std::make_shared<RunOptions>();
  sub->add_option("file", o->model,
                  "ONNX file, or the network of a bundle (whose normalisation is applied to pictures only)")
      ->required();
  sub->add_option(
         "--input", o->input,
         "NumPy array (.npy; - for standard input) with the shape of the input, float32 and already normalised; or a "
         "picture, for a bundle or a file with means and deviations")
      ->required();
  sub->add_option("--output", o->output, "Folder in which every output is written as NAME.npy (float32)");
  sub->add_option("--shape", o->shape, "Shape of the input if the file leaves it open, such as 3x224x224");
  CLI::Option* precision = add_precision_option(*sub, o->precision);
  sub->add_flag("--reference", o->reference, "Use plain loops instead of the block executor: slow, for comparison")
      ->excludes(precision);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { run(*o); });
}

}  // namespace einet::cli
