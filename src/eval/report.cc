#include "eval/report.h"

#include <algorithm>

#include "einet/distribution.h"
#include "eval/simulate.h"
#include "policy/simulate.h"
#include "profile/et_profile.h"

namespace einet::eval {
namespace {

constexpr int kCuts = 401;

void add_sentence(std::string& note, const std::string& sentence) { note += (note.empty() ? "" : "; ") + sentence; }

}  // namespace

Report evaluate(const bundle::Bundle& bundle, const plan::BlockTimes& times, const EvalOptions& options) {
  times.validate();
  const double horizon = options.horizon > 0.0 ? options.horizon : times.total();
  const auto distribution = plan::parse_distribution(options.distribution, horizon);
  MethodBuilder builder(bundle, options.protocol, options.planner, options.program);
  const std::vector<Method> methods = builder.build(times, distribution);
  const profile::CsProfile& profile = *bundle.confidences;

  Report report;
  report.bundle = bundle.name;
  report.platform = options.platform.empty() ? exec::this_platform().name : options.platform;
  report.distribution = distribution->description();
  report.protocol = options.protocol;
  report.samples = profile.samples();
  report.times = times;
  report.horizon = horizon;
  for (int c = 0; c < kCuts; ++c) report.cuts.push_back(horizon * c / (kCuts - 1));

  std::vector<std::vector<double>> scores;
  for (const Method& method : methods) scores.push_back(simulate(method, profile, times, *distribution));
  const auto baseline =
      std::find_if(methods.begin(), methods.end(), [](const Method& m) { return m.name == "static-optimal"; });
  const std::vector<double>& static_optimal = scores[baseline - methods.begin()];
  for (std::size_t m = 0; m < methods.size(); ++m) {
    report.methods.push_back({.name = methods[m].name,
                              .summary = methods[m].summary,
                              .accuracy = policy::estimate(scores[m]),
                              .over_static_optimal = policy::paired_difference(scores[m], static_optimal),
                              .planning_seconds = mean_planning(methods[m], profile.exits),
                              .run = run_metrics(methods[m], profile, times, *distribution, horizon),
                              .curve = accuracy_at(methods[m], profile, times, report.cuts),
                              .live = std::nullopt});
  }
  const auto find = [&](std::string_view name) {
    return std::ranges::find_if(report.methods, [&](const MethodResult& method) { return method.name == name; });
  };
  const auto einet = find("einet");
  if (find("replan") == report.methods.end()) {
    report.note =
        "replan and paper are left out: they need a predictor, which einet predictor fit adds "
        "(in a build with training)";
  } else if (einet->over_static_optimal.mean == 0.0 && einet->over_static_optimal.standard_error == 0.0) {
    report.note =
        "einet equals static-optimal here: no policy improves on the best single plan by more than its standard error";
  }
  report.exits = exit_metrics(bundle, times);
  report.elasticity = elasticity(find("static-optimal")->accuracy.mean, profile);
  if (find("combined") == report.methods.end()) {
    add_sentence(report.note,
                 "combined is left out: it needs log-probabilities, which einet profile BUNDLE --data NAME "
                 "--log-probabilities keep adds");
  } else if (bundle.combination && bundle.combination->pays()) {
    add_sentence(report.note, "runs of this bundle publish combined answers by default");
  }
  report.oracle = policy::estimate(policy::simulate_oracle(profile, times, distribution));
  return report;
}

}  // namespace einet::eval
