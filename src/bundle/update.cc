#include "bundle/update.h"

#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "bundle/files.h"
#include "bundle/network.h"
#include "bundle/write.h"
#include "einet/error.h"
#include "io/staged_directory.h"

namespace einet::bundle {
namespace fs = std::filesystem;
namespace {

constexpr const char* kExtension = ".einet";

bool same_network(const Bundle& a, const Bundle& b) {
  return a.weights == b.weights && graph::format_onnx(a.graph, a.weights) == graph::format_onnx(b.graph, b.weights);
}

/// Empty if there is no bundle or, with `force`, a damaged one.
std::optional<Bundle> existing(const Destination& destination) {
  std::error_code error;
  if (!fs::exists(destination.path, error)) return std::nullopt;
  check_replaceable(destination.path);
  if (fs::is_empty(destination.path, error)) return std::nullopt;
  try {
    return load_bundle(destination.path);
  } catch (const Error&) {
    if (!destination.force) throw;
    return std::nullopt;
  }
}

Bundle changed(const Destination& destination, const std::optional<Bundle>& before, const Bundle& start,
               const Change& change) {
  const bool same = before && same_network(*before, start);
  Bundle result = same && destination.in_place ? *before : start;
  if (same) result.timing.insert(before->timing.begin(), before->timing.end());
  change(result);
  return result;
}

/// Descriptions of the parts that `before` has and `after` does not.
std::vector<std::string> lost_parts(const Bundle& before, const Bundle& after) {
  const bool same = same_network(before, after);
  std::vector<std::string> parts;
  if (!same) parts.push_back("the network '" + before.name + "'");
  if (before.confidences && (!same || !after.confidences || after.dataset != before.dataset ||
                             after.confidences->samples() < before.confidences->samples())) {
    parts.push_back("the confidences of " + std::to_string(before.confidences->samples()) + " samples" +
                    (before.dataset.empty() ? "" : " of " + before.dataset));
  }
  if (before.confidences && before.confidences->has_log_probabilities() &&
      (!same || !after.confidences || !after.confidences->has_log_probabilities())) {
    parts.push_back("the log-probabilities");
  }
  for (const auto& [platform, timing] : before.timing) {
    if (!same || !after.timing.contains(platform)) parts.push_back("the times of " + platform);
  }
  if (before.fit && (!same || !after.fit)) parts.push_back("the predictor and its calibration");
  if ((before.folds[0] || before.folds[1]) && (!same || !(after.folds[0] || after.folds[1]))) {
    parts.push_back("the folds");
  }
  return parts;
}

void check_lost(const Destination& destination, const std::optional<Bundle>& before, const Bundle& after) {
  if (destination.force || !before) return;
  std::string text;
  for (const std::string& part : lost_parts(*before, after)) text += (text.empty() ? "" : ", ") + part;
  if (text.empty()) return;
  throw Error(ErrorKind::kUsage, destination.path.string(),
              "would lose " + text + "; give --force to discard this, or -o to write elsewhere");
}

}  // namespace

void check_update(const Destination& destination, const Bundle& start, const Change& change) {
  const std::optional<Bundle> before = existing(destination);
  io::check_output_directory(destination.path);
  check_lost(destination, before, changed(destination, before, start, change));
}

Destination destination(const fs::path& input, const fs::path& output, bool force, std::string_view advice) {
  std::error_code error;
  const bool is_bundle = fs::is_directory(input, error);
  // A missing bundle is reported when it is read.
  if (output.empty() && (is_bundle || input.extension() == kExtension)) return {input, true, force};
  if (output.empty() || io::directory_place(output).extension() != kExtension) {
    throw Error(ErrorKind::kUsage, (output.empty() ? input : output).string(),
                "the name of a bundle must end in .einet; " + std::string(advice));
  }
  return {output, is_bundle && fs::equivalent(input, output, error), force};
}

Bundle update_bundle(const Destination& destination, const Bundle& start, const Change& change) {
  io::StagedDirectory staged(destination.path);
  const std::optional<Bundle> before = existing(destination);
  Bundle after = changed(destination, before, start, change);
  check_lost(destination, before, after);
  check_bundle(after, destination.path);
  write_bundle(after, destination.path, staged);
  staged.commit();
  return after;
}

void check_network(const graph::Graph& graph, const std::string& name, int classes) {
  const NetworkFacts facts = network_facts(graph, name);
  if (classes == 0 || facts.classes == classes) return;
  throw Error(ErrorKind::kInvalidData, name,
              "has " + std::to_string(facts.classes) + " classes, but the data has " + std::to_string(classes) +
                  "; make branches for these classes with einet model insert-exits --classes " +
                  std::to_string(classes));
}

}  // namespace einet::bundle
