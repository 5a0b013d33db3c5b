#include "eval/compare.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

#include "einet/distribution.h"
#include "einet/error.h"
#include "eval/simulate.h"
#include "graph/cost.h"

namespace einet::eval {
namespace {

constexpr std::array<std::string_view, 3> kMethods = {"einet", "combined", "static-optimal"};

void check_same_samples(const bundle::Bundle& first, const bundle::Bundle& other) {
  const std::vector<std::int32_t>& expected = first.measured_confidences().labels;
  const std::vector<std::int32_t>& labels = other.measured_confidences().labels;
  if (labels == expected) return;
  const std::string why = labels.size() == expected.size() ? "the labels of its samples differ"
                                                           : "it has " + std::to_string(labels.size()) +
                                                                 " samples, not " + std::to_string(expected.size());
  throw Error(ErrorKind::kInvalidData, other.name, "was profiled on other data than " + first.name + ": " + why);
}

}  // namespace

Comparison compare(std::span<const Candidate> candidates, const CompareOptions& options) {
  if (candidates.empty()) throw Error(ErrorKind::kUsage, "compare", "needs at least one bundle");
  const bundle::Bundle& first = *candidates.front().bundle;
  for (const Candidate& candidate : candidates) {
    candidate.times.validate();
    check_same_samples(first, *candidate.bundle);
  }
  Comparison comparison;
  comparison.horizon = options.horizon > 0.0 ? options.horizon : candidates.front().times.total();
  const auto distribution = plan::parse_distribution(options.distribution, comparison.horizon);
  comparison.distribution = distribution->description();
  comparison.samples = first.confidences->samples();
  comparison.protocol = options.protocol;

  std::map<std::string, std::vector<double>> baseline;  // Scores of the first bundle, by method.
  for (const Candidate& candidate : candidates) {
    const bundle::Bundle& bundle = *candidate.bundle;
    const profile::CsProfile& profile = *bundle.confidences;
    const std::vector<double> accuracies = profile.accuracies();
    ComparedBundle& compared = comparison.bundles.emplace_back();
    compared.name = bundle.name;
    compared.platform = candidate.platform;
    compared.busy = candidate.busy;
    compared.exits = bundle.exits();
    compared.parameters = graph::total_parameters(graph::block_costs(bundle.graph, graph::partition(bundle.graph)));
    compared.run_everything_seconds = candidate.times.total();
    compared.best_exit_accuracy = *std::ranges::max_element(accuracies);
    const std::vector<Method> methods =
        MethodBuilder(bundle, options.protocol).build(candidate.times, distribution, kMethods);
    for (const Method& method : methods) {
      const std::vector<double> scores = simulate(method, profile, candidate.times, *distribution);
      if (&candidate == &candidates.front()) baseline[method.name] = scores;
      ComparedMethod& result = compared.methods.emplace_back();
      result.name = method.name;
      result.accuracy = policy::estimate(scores);
      if (const auto first = baseline.find(method.name); first != baseline.end()) {
        result.over_first = policy::paired_difference(scores, first->second);
      }
      result.run = run_metrics(method, profile, candidate.times, *distribution, comparison.horizon);
      if (method.name == "static-optimal") compared.elasticity = elasticity(result.accuracy.mean, profile);
    }
  }
  return comparison;
}

}  // namespace einet::eval
