#include "eval/compare.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "einet/distribution.h"
#include "einet/error.h"
#include "eval/simulate.h"
#include "graph/cost.h"

namespace einet::eval {
namespace {

constexpr std::array<std::string_view, 2> kMethods = {"einet", "static-optimal"};  // In the order of build().

std::int64_t parameters_of(const bundle::Bundle& bundle) {
  std::int64_t parameters = 0;
  for (const graph::BlockCost& cost : graph::block_costs(bundle.graph, graph::partition(bundle.graph))) {
    parameters += cost.conv_parameters + cost.branch_parameters;
  }
  return parameters;
}

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
  if (candidates.empty()) throw Error(ErrorKind::kUsage, "compare", "no bundle is given");
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

  std::vector<std::vector<double>> baseline;  // Scores of the first bundle, by method.
  for (const Candidate& candidate : candidates) {
    const bundle::Bundle& bundle = *candidate.bundle;
    const profile::CsProfile& profile = *bundle.confidences;
    const std::vector<double> accuracies = profile.accuracies();
    ComparedBundle& compared = comparison.bundles.emplace_back();
    compared.name = bundle.name;
    compared.platform = candidate.platform;
    compared.exits = bundle.exits();
    compared.parameters = parameters_of(bundle);
    compared.run_everything_seconds = candidate.times.total();
    compared.best_exit_accuracy = *std::ranges::max_element(accuracies);
    const std::vector<Method> methods =
        MethodBuilder(bundle, options.protocol).build(candidate.times, distribution, kMethods);
    for (std::size_t m = 0; m < methods.size(); ++m) {
      std::vector<double> scores = simulate(methods[m], profile, candidate.times, *distribution);
      if (baseline.size() == m) baseline.push_back(scores);
      compared.methods.push_back(
          {.name = methods[m].name,
           .accuracy = policy::estimate(scores),
           .over_first = policy::paired_difference(scores, baseline[m]),
           .run = run_metrics(methods[m], profile, candidate.times, *distribution, comparison.horizon)});
    }
    compared.elasticity = elasticity(compared.methods.back().accuracy.mean, profile);
  }
  return comparison;
}

}  // namespace einet::eval
