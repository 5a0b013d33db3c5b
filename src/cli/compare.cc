#include "eval/compare.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/planning_options.h"
#include "cli/timing_options.h"
#include "core/duration.h"
#include "einet/error.h"

namespace einet::cli {
namespace {

struct Options {
  std::vector<std::string> bundles;
  std::string horizon;
  eval::CompareOptions compare;
  bundle::TimingOptions timing;
  bool same_samples = false, json = false;
};

void run(const Options& o) {
  std::vector<bundle::Bundle> bundles;
  for (const std::string& path : o.bundles) {
    bundles.push_back(bundle::load_bundle(path));
    bundles.back().measured_confidences();
  }
  std::vector<eval::Candidate> candidates;
  for (const bundle::Bundle& bundle : bundles) {
    bundle::TimingOptions timing_options = o.timing;
    timing_options.distribution = o.compare.distribution;
    const bundle::Timing timing = timing_for(bundle, timing_options);
    candidates.push_back({&bundle, timing.profile.times(), timing.profile.platform.name, timing.profile.busy()});
  }
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
  auto o = std::make_shared<Options>();
  sub->add_option("bundles", o->bundles, "Bundles profiled on the same held-out samples; the first is the baseline")
      ->required();
  sub->add_option(
      "--horizon", o->horizon,
      "Common horizon: 3ms, or 0.5T, where T is the time of the first bundle to run everything; default: T");
  add_distribution_option(*sub, o->compare.distribution);
  add_deadline_option(*sub, o->compare.distribution);
  sub->add_flag("--same-samples", o->same_samples, "The paper's protocol: fit and score on the same samples");
  add_timing_options(*sub, o->timing);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { run(*o); });
}

}  // namespace einet::cli
