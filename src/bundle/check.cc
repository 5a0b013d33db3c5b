#include <cmath>
#include <filesystem>
#include <string>

#include "bundle/bundle.h"
#include "bundle/manifest.h"
#include "bundle/network.h"
#include "einet/error.h"
#include "graph/partition.h"
#include "graph/shape_inference.h"
#include "predict/predictor.h"

namespace einet::bundle {
namespace {

[[noreturn]] void fail(const std::string& name, const std::string& fault) {
  throw Error(ErrorKind::kInvalidData, name, fault);
}

void check_count(std::size_t found, std::size_t expected, const std::string& what, const std::string& name) {
  if (found == expected) return;
  fail(name, "has " + std::to_string(found) + " " + what + ", the network has " + std::to_string(expected));
}

void check_normalization(const Normalization& normalization, std::size_t channels, const std::string& name) {
  if (!normalization.mean.empty()) check_count(normalization.mean.size(), channels, "channel means", name);
  if (!normalization.stddev.empty()) check_count(normalization.stddev.size(), channels, "channel deviations", name);
  for (const float mean : normalization.mean) {
    if (!std::isfinite(mean)) fail(name, "a channel mean is NaN or infinite");
  }
  for (const float stddev : normalization.stddev) {
    if (!(stddev > 0.0f) || !std::isfinite(stddev)) fail(name, "a channel deviation is not positive");
  }
}

void check_preprocessing(const Bundle& bundle, const graph::Shape& input, const std::string& name) {
  const std::string fault =
      fault_of(bundle.preprocessing, static_cast<int>(input.at(1)), static_cast<int>(input.at(2)));
  if (!fault.empty()) fail(name, "field 'preprocessing' " + fault);
  if (bundle.hold_out && !bundle.hold_out->valid()) fail(name, "field 'split' is not between 0 and 1");
}

void check_confidences(const profile::CsProfile& profile, const NetworkFacts& facts, const std::string& name) {
  profile.validate(name);
  check_count(profile.exits, facts.exits.size(), "exits", name);
  for (const auto* labels : {&profile.labels, &profile.predicted}) {
    for (const std::int32_t label : *labels) {
      if (label >= facts.classes) {
        fail(name, "label " + std::to_string(label) + " in a network of " + std::to_string(facts.classes) + " classes");
      }
    }
  }
}

void check_fit(const Fit& fit, std::size_t exits, const std::filesystem::path& folder) {
  const std::string predictor = (folder / kPredictor).string();
  const std::string calibration = (folder / kCalibration).string();
  int predicted = 0;
  try {
    predicted = predict::predictor_exits(fit.predictor);
  } catch (const Error& error) {
    throw Error(error.kind(), predictor, error.what());
  }
  check_count(predicted, exits, "exits", predictor);
  fit.beliefs.validate(calibration);
  check_count(fit.beliefs.exits(), exits, "exits", calibration);
}

int classes_of(const graph::Graph& graph, const std::string& output, const graph::Shape& shape,
               const std::string& name) {
  try {
    return graph::exit_classes(graph, output, shape);
  } catch (const Error& error) {
    fail(name, error.what());
  }
}

}  // namespace

NetworkFacts network_facts(const graph::Graph& graph, const std::string& name) {
  if (graph.inputs.size() != 1) fail(name, "has " + std::to_string(graph.inputs.size()) + " inputs, expected one");
  NetworkFacts facts;
  const graph::Shape& input = graph.inputs.front().shape;
  if (input.size() != 4) fail(name, "input has shape " + graph::to_string(input) + ", expected [N,C,H,W]");
  facts.input.assign(input.begin() + 1, input.end());

  const graph::Shapes shapes = graph::infer_shapes(graph, 1);
  for (const graph::Block& block : graph::partition(graph)) {
    const int classes = classes_of(graph, block.output, shapes.at(block.output), name);
    if (!facts.exits.empty() && classes != facts.classes) {
      fail(name, "exit " + block.output + " has " + std::to_string(classes) + " classes, but earlier exits have " +
                     std::to_string(facts.classes));
    }
    facts.classes = classes;
    facts.exits.push_back(block.output);
  }
  if (facts.exits.empty()) fail(name, "has no exit");
  return facts;
}

void check_bundle(const Bundle& bundle, const std::filesystem::path& where) {
  const NetworkFacts facts = network_facts(bundle.graph, (where / kModel).string());
  const std::string manifest = (where / kManifest).string();
  check_normalization(bundle.normalization, facts.input.front(), manifest);
  check_preprocessing(bundle, facts.input, manifest);
  if (!bundle.labels.empty()) check_count(bundle.labels.size(), facts.classes, "labels for classes", manifest);
  if (bundle.confidences) check_confidences(*bundle.confidences, facts, (where / kConfidences).string());
  if (bundle.confidences && bundle.confidences->has_log_probabilities()) {
    const std::string name = (where / kLogProbabilities).string();
    bundle.confidences->validate_log_probabilities(name);
    check_count(bundle.confidences->classes, facts.classes, "classes", name);
  }
  const auto check_combination = [&](const std::optional<predict::CombinationWeights>& weights,
                                     std::string_view folder) {
    if (!weights) return;
    const std::string name = (where / file_in(folder, kCombination)).string();
    weights->validate(name);
    check_count(weights->exits(), facts.exits.size(), "exits", name);
  };
  check_combination(bundle.combination, "");
  for (int fold = 0; fold < 2; ++fold) check_combination(bundle.fold_combinations[fold], kFoldFolders[fold]);
  for (const auto& [platform, timing] : bundle.timing) {
    const std::string name = (where / kTimingFolder / (platform + ".json")).string();
    if (exec::file_name_safe(platform) != platform) fail(name, "the platform name is not safe as a file name");
    if (timing.platform.name != platform) fail(name, "contains the timing of platform '" + timing.platform.name + "'");
    timing.validate(name);
    check_count(timing.conv.size(), facts.exits.size(), "exits", name);
  }
  if (bundle.fit) check_fit(*bundle.fit, facts.exits.size(), where);
  for (int fold = 0; fold < 2; ++fold) {
    if (bundle.folds[fold]) check_fit(*bundle.folds[fold], facts.exits.size(), where / kFoldFolders[fold]);
  }
}

}  // namespace einet::bundle
