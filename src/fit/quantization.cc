// Which layers stay in float. All layers are quantised first. While some exit loses too much, the layers that do most
// harm to it are returned to float, a twentieth of those left at a time, so that large networks need at most a few
// dozen rounds. The harm of a layer to an exit is the mean squared change of the exit's outputs, relative to their
// variance, if only this layer is quantised; it is measured on calibration images.

#include "fit/quantization.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "bundle/bundle.h"
#include "einet/error.h"
#include "exec/program.h"
#include "graph/quantization/fold_normalization.h"
#include "graph/quantization/quantize.h"
#include "measure/confidences.h"

namespace einet::fit {
namespace {

using graph::QuantizableLayer;

// The outputs of every exit for the first images, one after the other.
std::vector<std::vector<float>> outputs_of(const graph::Graph& graph, const Images& images, int count) {
  const std::int64_t fixed = graph.inputs.front().shape.front();
  const auto program = exec::compile(graph, {.batch = fixed > 0 ? fixed : 1});
  const auto execution = program->new_execution();
  const auto batch = static_cast<std::size_t>(program->batch());
  std::vector<std::vector<float>> outputs(static_cast<std::size_t>(program->exits()));
  std::vector<float> input(static_cast<std::size_t>(program->input_size()));
  for (int i = 0; i < count; ++i) {
    images.image(i, std::span(input).first(input.size() / batch));
    execution->set_input(input);
    for (int exit = 0; exit < program->exits(); ++exit) {
      exec::require_done(execution->run_conv_part(exit, exec::kNeverStop));
      exec::require_done(execution->run_branch(exit, exec::kNeverStop));
      const std::span<const float> y = execution->output(exit).first(program->outputs(exit));
      std::vector<float>& to = outputs[static_cast<std::size_t>(exit)];
      to.insert(to.end(), y.begin(), y.end());
    }
  }
  return outputs;
}

double relative_error(const std::vector<float>& expected, const std::vector<float>& actual) {
  double sum = 0.0, squares = 0.0, errors = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = double{actual[i]} - expected[i];
    sum += expected[i];
    squares += double{expected[i]} * expected[i];
    errors += difference * difference;
  }
  const double variance = squares - sum * sum / static_cast<double>(expected.size());
  return variance > 0.0 ? errors / variance : errors;
}

class Search {
 public:
  Search(const graph::Graph& graph, const Images& calibration, const Images& scored,
         std::span<const std::int32_t> labels, const QuantizationOptions& options, Progress& progress)
      : folded_(graph::with_folded_normalization(graph)),
        layers_(graph::quantizable_layers(folded_)),
        calibration_(calibration),
        scored_(scored),
        labels_(labels),
        options_(options),
        progress_(progress) {}

  bool has_layers() const { return !layers_.empty(); }

  Quantization run(const graph::Graph& graph) {
    find_grids();
    Quantization result;
    result.before = accuracies(graph);
    std::vector<QuantizableLayer> chosen = layers_;
    for (;;) {
      result.graph = finished(chosen);
      result.after = accuracies(result.graph);
      const std::vector<std::size_t> losing = exits_that_lose(result);
      if (losing.empty() || chosen.empty()) break;
      for (std::string& name : return_to_float(chosen, losing)) result.returned.push_back(std::move(name));
    }
    for (const QuantizableLayer& layer : chosen) result.quantized.push_back(layer.node);
    return result;
  }

 private:
  void find_grids() {
    std::set<std::string> sources;
    for (const QuantizableLayer& layer : layers_) sources.insert(layer.source);
    for (const auto& [value, distribution] : observe(folded_, sources, calibration_, progress_)) {
      grids_[value] = distribution.grid(options_.range);
    }
  }

  graph::Graph finished(const std::vector<QuantizableLayer>& layers) const {
    return bundle::with_rounded_weights(graph::quantize(folded_, layers, grids_), options_.storage);
  }

  std::vector<double> accuracies(const graph::Graph& graph) const {
    return measure::measure_confidences(graph, labels_, scored_.image, progress_).accuracies();
  }

  std::vector<std::size_t> exits_that_lose(const Quantization& result) const {
    constexpr double kRounding = 1e-9;
    std::vector<std::size_t> exits;
    for (std::size_t i = 0; i < result.before.size(); ++i) {
      if (100.0 * (result.before[i] - result.after[i]) > options_.max_loss + kRounding) exits.push_back(i);
    }
    return exits;
  }

  // By layer of layers_, then by exit.
  void measure_harm() {
    constexpr int kImages = 128;
    const int count = std::min(kImages, calibration_.count);
    const auto expected = outputs_of(folded_, calibration_, count);
    for (const QuantizableLayer& layer : layers_) {
      const auto actual = outputs_of(graph::quantize(folded_, {layer}, grids_), calibration_, count);
      std::vector<double>& harm = harm_[layer.node];
      for (std::size_t exit = 0; exit < expected.size(); ++exit) {
        harm.push_back(relative_error(expected[exit], actual[exit]));
      }
      progress_.update("layers", static_cast<std::int64_t>(harm_.size()), static_cast<std::int64_t>(layers_.size()),
                       "");
    }
  }

  std::vector<std::string> return_to_float(std::vector<QuantizableLayer>& chosen,
                                           const std::vector<std::size_t>& losing) {
    if (harm_.empty()) measure_harm();
    const auto harm = [&](const QuantizableLayer& layer) {
      double most = 0.0;
      for (const std::size_t exit : losing) most = std::max(most, harm_.at(layer.node)[exit]);
      return most;
    };
    std::vector<std::string> returned;
    const std::size_t count = std::max<std::size_t>(1, chosen.size() / 20);
    for (std::size_t i = 0; i < count; ++i) {
      const auto worst = std::ranges::max_element(chosen, {}, harm);
      returned.push_back(worst->node);
      chosen.erase(worst);
    }
    return returned;
  }

  graph::Graph folded_;
  std::vector<QuantizableLayer> layers_;
  const Images& calibration_;
  const Images& scored_;
  std::span<const std::int32_t> labels_;
  const QuantizationOptions& options_;
  Progress& progress_;
  std::map<std::string, graph::Grid> grids_;
  std::map<std::string, std::vector<double>> harm_;
};

}  // namespace

Quantization quantize_network(const graph::Graph& graph, const std::string& name, const Images& calibration,
                              const Images& scored, std::span<const std::int32_t> labels,
                              const QuantizationOptions& options, Progress& progress) {
  if (!(options.max_loss >= 0.0)) {
    throw Error(ErrorKind::kUsage, "loss " + std::to_string(options.max_loss), "must not be negative");
  }
  if (graph::is_quantized(graph)) throw Error(ErrorKind::kUsage, name, "is quantised already");
  Search search(graph, calibration, scored, labels, options, progress);
  if (!search.has_layers()) {
    throw Error(ErrorKind::kInvalidData, name, "has no convolution or fully connected layer worth quantising");
  }
  Quantization result = search.run(graph);
  if (result.quantized.empty()) {
    throw Error(ErrorKind::kInvalidData, name,
                "cannot be quantised: with any layer quantised, an exit loses more than " +
                    std::to_string(options.max_loss) + " points; permit more with --max-loss");
  }
  return result;
}

}  // namespace einet::fit
