#include <algorithm>
#include <iomanip>
#include <iostream>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "bundle/keep_exits.h"
#include "bundle/timing.h"
#include "cli/bundle_output.h"
#include "cli/json_output.h"
#include "cli/model/model.h"
#include "cli/parse.h"
#include "cli/planning_options.h"
#include "cli/timing_options.h"
#include "einet/distribution.h"
#include "einet/error.h"
#include "einet/planner.h"
#include "eval/metrics.h"
#include "fit/combined_answers.h"
#include "graph/cost.h"
#include "graph/onnx_file.h"
#include "io/file.h"
#include "io/staged_directory.h"
#include "plan/exit_choice.h"
#include "plot/timeline.h"
#include "policy/decision_fit.h"

namespace einet::cli {
namespace {

struct Options {
  std::string bundle, distribution = "uniform", svg;
  BundleOutput output;
  std::vector<std::string> platforms;
  bool measure = false, keep_last = false;
  double horizon = 0;  ///< Seconds; 0 = by default_horizon().
  std::int64_t max_parameters = 0;
  int max_exits = plan::kMaxExits;
  bool json = false;
};

/// The time that branches may add to that of the trunk: the default limit of insert-exits.
constexpr double kBranches = 0.25;

/// The time to run everything, as in other commands, but at most 1.25 times that of the network with only its last
/// branch, because most candidates will be removed.
double default_horizon(const plan::BlockTimes& times) {
  const double trunk = std::accumulate(times.conv.begin(), times.conv.end(), 0.0) + times.branch.back();
  return std::min(times.total(), (1 + kBranches) * trunk);
}

struct Platform {
  std::string name;
  double horizon;
};

plan::ExitCandidates candidates_of(const bundle::Bundle& bundle, const Options& o, std::vector<Platform>& platforms) {
  plan::ExitCandidates candidates;
  candidates.scores = bundle.measured_confidences().accuracies();
  std::vector<std::string> names = o.platforms;
  if (names.empty()) names.emplace_back();  // This machine.
  for (const std::string& name : names) {
    const bundle::Timing timing =
        timing_for(bundle, {.measure = o.measure, .platform = name, .distribution = o.distribution});
    plan::BlockTimes times = timing.profile.times();
    times.planning.clear();  // The plan for the population is made in advance.
    const double horizon = o.horizon > 0 ? o.horizon : default_horizon(times);
    platforms.push_back({timing.profile.platform.name, horizon});
    candidates.devices.push_back({times, plan::parse_distribution(o.distribution, horizon)});
  }
  for (const graph::BlockCost& cost : graph::block_costs(bundle.graph, graph::partition(bundle.graph))) {
    candidates.conv_size.push_back(static_cast<double>(cost.conv_parameters));
    candidates.branch_size.push_back(static_cast<double>(cost.branch_parameters));
  }
  if (o.max_parameters > 0) candidates.max_size = static_cast<double>(o.max_parameters);
  candidates.max_exits = o.max_exits;
  candidates.keep_last = o.keep_last;
  return candidates;
}

/// The figures of a network before and after.
nlohmann::json summary(const bundle::Bundle& bundle, double expectation) {
  const std::vector<double> scores = bundle.measured_confidences().accuracies();
  const double best = *std::ranges::max_element(scores);
  const std::int64_t parameters =
      graph::total_parameters(graph::block_costs(bundle.graph, graph::partition(bundle.graph)));
  return {{"exits", bundle.exits()},    {"expectation", expectation},
          {"best_exit_accuracy", best}, {"elasticity", eval::elasticity(expectation, bundle.measured_confidences())},
          {"parameters", parameters},   {"model_bytes", graph::format_onnx(bundle.graph, bundle.weights).size()}};
}

nlohmann::json describe(const bundle::Bundle& before, const bundle::Bundle& after,
                        const plan::ExitCandidates& candidates, const plan::ChosenExits& chosen,
                        const std::vector<Platform>& platforms) {
  const double all = plan::expectation_among(candidates, plan::ExitPlan::all(before.exits()));
  nlohmann::json exits = nlohmann::json::array(), on = nlohmann::json::array();
  for (int exit = chosen.exits.next(-1); exit < before.exits(); exit = chosen.exits.next(exit)) {
    exits.push_back({{"exit", exits.size() + 1},
                     {"was", exit + 1},
                     {"accuracy", candidates.scores[exit]},
                     {"value", chosen.values[exit]},
                     {"branch_parameters", candidates.branch_size[exit]}});
  }
  for (std::size_t i = 0; i < platforms.size(); ++i) {
    plan::ExitCandidates one = candidates;
    one.devices = {candidates.devices[i]};
    on.push_back({{"platform", platforms[i].name},
                  {"horizon_seconds", platforms[i].horizon},
                  {"expectation_before", plan::expectation_among(one, plan::ExitPlan::all(before.exits()))},
                  {"expectation", plan::expectation_among(one, chosen.exits)}});
  }
  return {{"distribution", candidates.devices.front().distribution->description()},
          {"before", summary(before, all)},
          {"after", summary(after, chosen.expectation)},
          {"upper_bound", chosen.upper_bound},
          {"exits", exits},
          {"platforms", on}};
}

void print(const nlohmann::json& d, const Options& o) {
  const auto percent = [](const nlohmann::json& share) { return 100 * share.get<double>(); };
  std::cout << std::fixed << std::setprecision(2) << "exit   was  accuracy   value  branch parameters\n";
  for (const auto& e : d["exits"]) {
    std::cout << std::setw(4) << e["exit"].get<int>() << std::setw(6) << e["was"].get<int>() << std::setw(8)
              << percent(e["accuracy"]) << " %" << std::setw(8) << percent(e["value"]) << std::setw(19)
              << format_count(e["branch_parameters"]) << '\n';
  }
  std::cout << "              E  elasticity  exits  parameters     model\n";
  for (const char* when : {"before", "after"}) {
    const auto& s = d[when];
    std::cout << std::left << std::setw(7) << when << std::right << std::setw(6) << percent(s["expectation"]) << " %"
              << std::setw(12) << std::setprecision(3) << s["elasticity"].get<double>() << std::setprecision(2)
              << std::setw(7) << s["exits"].get<int>() << std::setw(12) << format_count(s["parameters"]) << std::setw(6)
              << (s["model_bytes"].get<std::int64_t>() + 512) / 1024 << " KiB\n";
  }
  for (const auto& p : d["platforms"]) {
    std::cout << "on " << p["platform"].get<std::string>() << " within " << format_seconds(p["horizon_seconds"]);
    if (d["platforms"].size() > 1) std::cout << ": " << percent(p["expectation"]) << " %";
    std::cout << '\n';
  }
  const double gap = d["upper_bound"].get<double>() - d["after"]["expectation"].get<double>();
  if (gap > 1e-9)
    std::cout << "a better set could gain up to " << 100 * gap << " points more: the search reached its limit\n";
  std::cout << o.output.path << ": a predictor for these exits: einet predictor fit " << o.output.path << '\n';
}

void draw(const plan::ExitCandidates& candidates, const plan::ChosenExits& chosen, const std::string& file) {
  const plan::ExitDevice& device = candidates.devices.front();
  plot::TimelineOptions picture;
  picture.title = std::to_string(chosen.exits.count()) + " of " + std::to_string(chosen.exits.exits()) + " exits";
  if (const double horizon = device.distribution->horizon(); horizon < plan::kNoDeadline) picture.horizon = horizon;
  picture.distribution = device.distribution.get();
  picture.expectation = chosen.expectation;
  io::write_file(file, plot::timeline_svg(device.times, chosen.exits, candidates.scores, picture));
}

/// Refits the parts that need no training to the exits kept: decision tables for every platform, and the weights of
/// combined answers for the times of `platform` (or another one if the bundle has none for it).
void refit(bundle::Bundle& bundle, const std::string& platform) {
  if (!bundle.confidences || bundle.timing.empty()) return;
  for (auto& [name, timing] : bundle.timing) {
    const plan::BlockTimes times = timing.times();
    const auto distribution = plan::uniform_distribution(times.total());
    timing.decisions = policy::checked_decisions(*bundle.confidences, times, distribution).table;
  }
  const auto found = bundle.timing.find(platform);
  fit::fit_combined_answers(bundle, (found == bundle.timing.end() ? bundle.timing.begin() : found)->second.times());
}

void choose(const Options& o) {
  if (!o.svg.empty()) io::check_output(o.svg);
  const bundle::Bundle before = bundle::load_bundle(o.bundle);
  const bundle::Destination destination = cli::destination(o.output, o.bundle);
  std::vector<Platform> platforms;
  const plan::ExitCandidates candidates = candidates_of(before, o, platforms);
  plan::ChosenExits chosen;
  bundle::Bundle after;
  try {
    chosen = plan::choose_exits(candidates);
    after = bundle::keep_exits(before, chosen.exits);
    after.name = io::directory_place(destination.path).stem().string();
    refit(after, platforms.front().name);
  } catch (const Error& error) {
    throw Error(error.kind(), o.bundle, error.what());
  }
  const nlohmann::json description = describe(before, after, candidates, chosen, platforms);
  if (!o.svg.empty()) draw(candidates, chosen, o.svg);
  save_result(destination, after, [](bundle::Bundle&) {});
  if (o.json) {
    print_json(description);
  } else {
    print(description, o);
  }
}

}  // namespace

void add_model_choose_exits(CLI::App& model) {
  CLI::App* sub = model.add_subcommand("choose-exits",
                                       "Keep the best set of exits for a device, and remove the rest of the network");
  auto o = std::make_shared<Options>();
  sub->add_option("bundle", o->bundle, "Profiled bundle (einet profile) of a network with more exits than it needs")
      ->required();
  add_bundle_output(*sub, o->output, "Bundle to write (name.einet)");
  sub->get_option("--output")->required();
  add_distribution_option(*sub, o->distribution);
  add_deadline_option(*sub, o->distribution);
  CLI::Option* measure = add_measure_option(*sub, o->measure);
  sub->add_option(
         "--platform", o->platforms,
         "Use the times of other machines in the bundle, by platform name; for several, the mean expectation counts")
      ->delimiter(',')
      ->excludes(measure);
  sub->add_option_function<std::string>(
      "--horizon", [o](const std::string& text) { o->horizon = parse_duration(text).count(); },
      "Latest cut-off, such as 3ms; default: the time to run everything, but at most 1.25 times that of the trunk and "
      "the last branch");
  sub->add_option("--max-parameters", o->max_parameters, "Maximum number of parameters of the whole network")
      ->check(CLI::PositiveNumber);
  sub->add_option("--max-exits", o->max_exits, "Maximum number of exits, including the network's own")
      ->check(CLI::Range(1, plan::kMaxExits));
  sub->add_flag("--keep-last", o->keep_last,
                "Keep the last exit, the network's own, even if no run within the horizon gains by it");
  sub->add_option("--svg", o->svg, "Write a timeline picture");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { choose(*o); });
}

}  // namespace einet::cli
