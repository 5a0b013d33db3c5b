#include "einet/plan.h"

#include <algorithm>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bundle/bundle.h"
#include "cli/command.h"
#include "cli/executor_options.h"
#include "cli/json_output.h"
#include "cli/parse.h"
#include "cli/planning_options.h"
#include "cli/timing_options.h"
#include "einet/distribution.h"
#include "einet/error.h"
#include "einet/planner.h"
#include "io/file.h"
#include "plan/lanes.h"
#include "plot/timeline.h"
#include "predict/belief.h"

namespace einet::cli {
namespace {

struct PlanArguments {
  std::string bundle, planner = "exact", distribution = "uniform", svg;
  std::vector<std::string> given;
  bundle::TimingOptions timing;
  bool json = false;
};

/// "3=0.81" -> exit 2 (from 0) with confidence 0.81.
std::pair<int, float> parse_given(const std::string& text, int exits) {
  int exit = 0, end = 0;
  float confidence = 0;
  if (std::sscanf(text.c_str(), "%d=%f%n", &exit, &confidence, &end) < 2 ||
      static_cast<std::size_t>(end) != text.size() || exit < 1 || exit > exits ||
      !(confidence >= 0.0f && confidence <= 1.0f)) {
    throw Error(ErrorKind::kUsage, "--given " + text,
                "expected EXIT=CONFIDENCE with an exit in 1.." + std::to_string(exits) + " and a confidence in [0,1]");
  }
  return {exit - 1, confidence};
}

/// Where the trunk is at `elapsed` if it executes no further branch.
plan::Ahead trunk_at(const plan::BlockTimes& times, plan::Lanes lanes, double elapsed) {
  plan::Ahead ahead{.exit = lanes.passed, .elapsed = lanes.trunk, .pending = {}};
  while (lanes.passed + 1 < times.exits()) {
    plan::pass_part(times, lanes);
    if (lanes.trunk > elapsed) break;
    ahead.exit = lanes.passed;
    ahead.elapsed = lanes.trunk;
  }
  return ahead;
}

std::string exits_text(const plan::ExitPlan& plan) {
  std::string text;
  for (int i = plan.next(-1); i < plan.exits(); i = plan.next(i)) {
    text += (text.empty() ? "" : " ") + std::to_string(i + 1);
  }
  return text.empty() ? "none" : text;
}

void run(const PlanArguments& o) {
  if (!o.svg.empty()) io::check_output(o.svg);
  const bundle::Bundle bundle = bundle::load_bundle(o.bundle);
  predict::Belief belief(std::make_shared<predict::BeliefParameters>(bundle.beliefs()), bundle.predictor());
  bundle::TimingOptions timing_options = o.timing;
  timing_options.distribution = o.distribution;
  timing_options.planner = o.planner;
  const bundle::Timing timing = timing_for(bundle, timing_options);
  const plan::BlockTimes times = timing.times();

  // Each given answer is an executed exit, so together they are the plan executed so far.
  plan::ExitPlan so_far(bundle.exits());
  plan::Start start;
  std::vector<std::pair<int, float>> given;
  for (const std::string& text : o.given) given.push_back(parse_given(text, bundle.exits()));
  std::sort(given.begin(), given.end());
  plan::Lanes lanes;
  for (const auto& [exit, confidence] : given) {
    if (so_far.contains(exit)) throw Error(ErrorKind::kUsage, "--given", "the same exit is given twice");
    if (times.lanes() == 2) {
      start.elapsed = plan::next_output(times, lanes, exit);
      start.ahead = trunk_at(times, lanes, start.elapsed);
    } else {
      start.elapsed = plan::next_output(times, start.exit, start.elapsed, exit);
    }
    start.exit = exit;
    so_far.insert(exit);
    belief.observe(exit, confidence);
    start.score = belief.scores()[exit];
  }
  const auto distribution = plan::parse_distribution(o.distribution, times.total());
  const auto planned = plan::make_planner(o.planner, times, distribution)->plan(belief.scores(), start);

  plan::ExitPlan whole = so_far;
  for (int i = planned.plan.next(start.exit); i < planned.plan.exits(); i = planned.plan.next(i)) whole.insert(i);
  if (!o.svg.empty()) {
    plot::TimelineOptions picture;
    picture.horizon = times.total();
    picture.distribution = distribution.get();
    picture.expectation = planned.expectation;
    io::write_file(o.svg, plot::timeline_svg(times, whole, belief.scores(), picture));
  }

  if (o.json) {
    std::vector<int> exits;
    for (int i = planned.plan.next(start.exit); i < planned.plan.exits(); i = planned.plan.next(i))
      exits.push_back(i + 1);
    print_json(nlohmann::json{{"planner", o.planner},
                              {"distribution", distribution->description()},
                              {"horizon_seconds", times.total()},
                              {"platform", timing.profile.platform.name},
                              {"timing", bundle::name(timing.source)},
                              {"lanes", times.lanes()},
                              {"start_exit", start.exit + 1},
                              {"start_seconds", start.elapsed},
                              {"plan", exits},
                              {"expectation", planned.expectation},
                              {"upper_bound", planned.upper_bound},
                              {"scores", belief.scores()}});
    return;
  }
  std::cout << "plan: " << exits_text(planned.plan) << "   (of " << bundle.exits() << " exits, planner " << o.planner
            << (times.lanes() == 2 ? ", two lanes" : "") << ", cut-off " << distribution->description() << ")\n"
            << "accuracy expectation: " << std::fixed << std::setprecision(2) << 100 * planned.expectation << " %"
            << "   (upper bound for all plans: " << 100 * planned.upper_bound << " %)\n"
            << "horizon: " << format_seconds(times.total()) << '\n';
}

}  // namespace

void add_plan(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("plan", "Print the best plan and its expectation, and draw its timeline");
  auto o = std::make_shared<PlanArguments>();
  sub->add_option("bundle", o->bundle, "Bundle (name.einet)")->required();
  add_planner_option(*sub, o->planner);
  add_distribution_option(*sub, o->distribution);
  add_deadline_option(*sub, o->distribution);
  sub->add_option("--given", o->given, "EXIT=CONFIDENCE of an executed exit; repeatable");
  add_timing_options(*sub, o->timing);
  add_lanes_option(*sub, o->timing.lanes);
  sub->add_option("--svg", o->svg, "Write a timeline picture");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { run(*o); });
}

}  // namespace einet::cli
