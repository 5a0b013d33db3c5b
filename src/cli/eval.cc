#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "bundle/bundle.h"
#include "cli/command.h"
#include "cli/executor_options.h"
#include "cli/json_output.h"
#include "cli/planning_options.h"
#include "cli/progress_line.h"
#include "cli/sample_options.h"
#include "cli/subjects.h"
#include "cli/timing_options.h"
#include "einet/error.h"
#include "eval/held_out_images.h"
#include "eval/live/live.h"
#include "eval/report.h"

namespace einet::cli {
namespace {

struct EvalArguments {
  std::string bundle, directory;
  eval::LiveOptions live;
  bool is_live = false, same_samples = false, metrics = false, json = false;
};

eval::Report simulated(const EvalArguments& o) {
  bundle::TimingOptions timing_options = o.live.timing;
  timing_options.distribution = o.live.eval.distribution;
  timing_options.planner = o.live.eval.planner;
  return eval::evaluate(subjects_for({o.bundle}, timing_options).front(), o.live.eval);
}

eval::Report live(const EvalArguments& o) {
  const bundle::Bundle bundle = bundle::load_bundle(o.bundle);
  if (!o.live.timing.platform.empty()) {
    throw Error(ErrorKind::kUsage, "--platform",
                "is for simulation with the times of another machine; --live runs on this one");
  }
  eval::LiveResult result;
  {
    ProgressLine progress;
    result = eval::evaluate_live(bundle, eval::held_out_images(bundle, o.directory, print_note), o.live, progress);
  }
  print_notes(result.notes);
  return std::move(result.report);
}

void run(const EvalArguments& o) {
  const eval::Report report = o.is_live ? live(o) : simulated(o);
  if (o.json) {
    print_json(eval::to_json(report));
  } else {
    std::cout << eval::to_table(report);
    if (o.metrics) std::cout << '\n' << eval::to_metrics_table(report);
  }
}

}  // namespace

void add_eval(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("eval", "Compare all methods, by exact simulation or by cutting off live runs");
  auto o = std::make_shared<EvalArguments>();
  sub->add_option("bundle", o->bundle, "Bundle (name.einet)")->required();
  sub->add_flag("--live", o->is_live, "Cut off live runs at random times");
  o->live.images = 0;
  sub->add_option("--images", o->live.images, "Live: number of images; 0 = all held-out ones")
      ->check(CLI::Range(0, 1 << 30))
      ->capture_default_str();
  sub->add_option("--seed", o->live.seed, "Live: seed of the images and cut-offs");
  add_distribution_option(*sub, o->live.eval.distribution);
  add_deadline_option(*sub, o->live.eval.distribution);
  add_planner_option(*sub, o->live.eval.planner, "Planner of the method einet");
  sub->add_flag("--same-samples", o->same_samples, "The paper's protocol: fit and score on the same samples");
  sub->add_flag("--metrics", o->metrics,
                "Also print elasticity, accuracy at quarters of the horizon, first answers, drops in probability,"
                " and the calibration of each exit");
  add_timing_options(*sub, o->live.timing);
  add_lanes_option(*sub, o->live.timing.lanes);
  add_directory_option(*sub, o->directory);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] {
    if (o->same_samples) o->live.eval.protocol = eval::Protocol::kSameSamples;
    run(*o);
  });
}

}  // namespace einet::cli
