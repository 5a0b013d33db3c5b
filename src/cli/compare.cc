#include "eval/compare.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/executor_options.h"
#include "cli/json_output.h"
#include "cli/planning_options.h"
#include "cli/subjects.h"
#include "cli/timing_options.h"
#include "core/duration.h"
#include "einet/error.h"

namespace einet::cli {
namespace {

struct CompareArguments {
  std::vector<std::string> bundles;
  std::string horizon;
  eval::CompareOptions compare;
  bundle::TimingOptions timing;
  bool same_samples = false, json = false;
};

void run(const CompareArguments& o) {
  bundle::TimingOptions timing_options = o.timing;
  timing_options.distribution = o.compare.distribution;
  const std::vector<eval::Subject> subjects = subjects_for({o.bundles.begin(), o.bundles.end()}, timing_options);
  std::vector<eval::Candidate> candidates;
  for (const eval::Subject& subject : subjects) candidates.push_back(subject.candidate());
  eval::CompareOptions options = o.compare;
  if (o.same_samples) options.protocol = eval::Protocol::kSameSamples;
  if (!o.horizon.empty()) {
    options.horizon = parse_time(o.horizon).with_horizon(candidates.front().times.total()).count();
    if (!(options.horizon > 0.0)) throw Error(ErrorKind::kUsage, "--horizon", "must be above 0");
  }
  const eval::Comparison comparison = eval::compare(candidates, options);
  if (o.json) {
    print_json(eval::to_json(comparison));
  } else {
    std::cout << eval::to_table(comparison);
  }
}

}  // namespace

void add_compare(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("compare", "Compare bundles on a common horizon, by simulation");
  auto o = std::make_shared<CompareArguments>();
  sub->add_option("bundles", o->bundles, "Bundles profiled on the same held-out samples; the first is the baseline")
      ->required();
  sub->add_option(
      "--horizon", o->horizon,
      "Common horizon: 3ms, or 0.5T, where T is the time of the first bundle to run everything; default: T");
  add_distribution_option(*sub, o->compare.distribution);
  add_deadline_option(*sub, o->compare.distribution);
  sub->add_flag("--same-samples", o->same_samples, "The paper's protocol: fit and score on the same samples");
  add_timing_options(*sub, o->timing);
  add_lanes_option(*sub, o->timing.lanes);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { run(*o); });
}

}  // namespace einet::cli
