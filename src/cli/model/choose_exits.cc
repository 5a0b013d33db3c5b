#include <iomanip>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bundle/timing.h"
#include "cli/bundle_output.h"
#include "cli/json_output.h"
#include "cli/model/model.h"
#include "cli/parse.h"
#include "cli/planning_options.h"
#include "cli/timing_options.h"
#include "einet/error.h"
#include "fit/exit_choice.h"
#include "io/file.h"
#include "io/staged_directory.h"

namespace einet::cli {
namespace {

struct ChooseExitsArguments {
  std::string bundle, svg;
  BundleOutput output;
  std::vector<std::string> platforms;
  fit::ExitChoiceOptions choice;
  bool measure = false;
  bool json = false;
};

std::vector<profile::EtProfile> timings_of(const bundle::Bundle& bundle, const ChooseExitsArguments& o) {
  std::vector<std::string> names = o.platforms;
  if (names.empty()) names.emplace_back();  // This machine.
  std::vector<profile::EtProfile> timings;
  for (const std::string& name : names) {
    timings.push_back(
        timing_for(bundle, {.measure = o.measure, .platform = name, .distribution = o.choice.distribution}).profile);
  }
  return timings;
}

void print(const nlohmann::json& d, const ChooseExitsArguments& o) {
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

void choose(const ChooseExitsArguments& o) {
  if (!o.svg.empty()) io::check_output(o.svg);
  const bundle::Bundle before = bundle::load_bundle(o.bundle);
  const bundle::Destination destination = cli::destination(o.output, o.bundle);
  const std::vector<profile::EtProfile> timings = timings_of(before, o);
  fit::ExitChoice choice;
  try {
    choice = fit::choose_exits(before, timings, o.choice);
  } catch (const Error& error) {
    throw Error(error.kind(), o.bundle, error.what());
  }
  choice.after.name = io::directory_place(destination.path).stem().string();
  if (!o.svg.empty()) io::write_file(o.svg, fit::timeline_svg(choice));
  const nlohmann::json description = fit::to_json(before, choice);
  save_result(destination, choice.after, [](bundle::Bundle&) {});
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
  auto o = std::make_shared<ChooseExitsArguments>();
  sub->add_option("bundle", o->bundle, "Profiled bundle (einet profile) of a network with more exits than it needs")
      ->required();
  add_bundle_output(*sub, o->output, "Bundle to write (name.einet)");
  sub->get_option("--output")->required();
  add_distribution_option(*sub, o->choice.distribution);
  add_deadline_option(*sub, o->choice.distribution);
  CLI::Option* measure = add_measure_option(*sub, o->measure);
  sub->add_option(
         "--platform", o->platforms,
         "Use the times of other machines in the bundle, by platform name; for several, the mean expectation counts")
      ->delimiter(',')
      ->excludes(measure);
  sub->add_option_function<std::string>(
      "--horizon", [o](const std::string& text) { o->choice.horizon = parse_duration(text).count(); },
      "Latest cut-off, such as 3ms; default: the time to run everything, but at most 1.25 times that of the trunk and "
      "the last branch");
  sub->add_option("--max-parameters", o->choice.max_parameters, "Maximum number of parameters of the whole network")
      ->check(CLI::PositiveNumber);
  sub->add_option("--max-exits", o->choice.max_exits, "Maximum number of exits, including the network's own")
      ->check(CLI::Range(1, plan::kMaxExits));
  sub->add_flag("--keep-last", o->choice.keep_last,
                "Keep the last exit, the network's own, even if no run within the horizon gains by it");
  sub->add_option("--svg", o->svg, "Write a timeline picture");
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { choose(*o); });
}

}  // namespace einet::cli
