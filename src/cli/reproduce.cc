#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/json_output.h"
#include "cli/planning_options.h"
#include "cli/progress_line.h"
#include "cli/reproduce_training.h"
#include "cli/sample_options.h"
#include "cli/timing_options.h"
#include "einet/error.h"
#include "io/file.h"
#include "reproduce/context.h"
#include "reproduce/item.h"
#include "reproduce/report.h"

namespace einet::cli {
namespace {

struct ReproduceArguments {
  std::vector<std::string> names;
  std::string output = "report";
  std::string bundles = "bundles";
  reproduce::ContextOptions context;
  bool list = false, train = false, json = false;
};

void print_list(const ReproduceArguments& o) {
  nlohmann::json list = nlohmann::json::array();
  for (const reproduce::Item& item : reproduce::items(o.names)) {
    if (o.json) {
      list.push_back({{"name", item.name}, {"title", item.title}, {"paper", item.paper}});
    } else {
      std::cout << item.name << std::string(item.name.size() < 10 ? 10 - item.name.size() : 1, ' ') << item.title
                << '\n';
    }
  }
  if (o.json) print_json(list);
}

std::string command(const ReproduceArguments& o) {
  std::string line = "einet reproduce";
  for (const std::string& name : o.names) line += " " + name;
  line += " -o " + o.output;
  if (o.bundles != "bundles") line += " --bundles " + o.bundles;
  if (o.context.distribution != "uniform") line += " --distribution " + o.context.distribution;
  if (!o.context.timing.platform.empty()) line += " --platform " + o.context.timing.platform;
  if (o.context.seed != 1) line += " --seed " + std::to_string(o.context.seed);
  return line;
}

void run(ReproduceArguments& o) {
  const std::vector<reproduce::Item> items = reproduce::items(o.names);
  if (o.list) return print_list(o);
  io::check_output_folder(o.output);
  o.context.bundles = o.bundles;
  if (o.train) train_missing(reproduce::bundles_of(items), o.bundles, "checkpoints", o.context.data_directory);
  std::vector<reproduce::Outcome> outcomes;
  std::vector<std::string> errors;
  reproduce::About facts;
  {
    ProgressLine progress;
    reproduce::Context context(o.context, progress);
    context.check_platform();
    outcomes = reproduce::run_items(items, context);
    errors = context.errors();
    facts = reproduce::about(context, command(o), EINET_VERSION);
  }
  reproduce::write_report(outcomes, facts, o.output);
  if (o.json) {
    print_json(reproduce::to_json(outcomes, facts));
  } else {
    for (const reproduce::Outcome& outcome : outcomes) std::cout << reproduce::to_text(outcome) << '\n';
    std::cout << "The page: " << o.output << "/index.html\n";
  }
  std::cout.flush();
  for (const reproduce::Outcome& outcome : outcomes) {
    if (!outcome.error.empty()) errors.push_back(outcome.item.name + ": " + outcome.error);
  }
  if (errors.empty()) return;
  std::string all = errors.front();
  if (errors.size() > 1) all += "; and " + std::to_string(errors.size() - 1) + " more, see " + o.output + "/index.html";
  throw Error(ErrorKind::kInvalidData, "the report is written, but without this", all);
}

}  // namespace

void add_reproduce(CLI::App& app) {
  CLI::App* sub = app.add_subcommand("reproduce", "The paper's tables and figures from bundles, as a page");
  auto o = std::make_shared<ReproduceArguments>();
  sub->add_option("names", o->names, "Which ones (--list); default: all");
  sub->add_flag("--list", o->list, "Print the names");
  sub->add_option("-o,--output", o->output, "Folder for index.html and, for each item, NAME.csv and NAME.svg");
  sub->add_option("--bundles", o->bundles, "Folder of the bundles");
  sub->add_flag(
      "--train", o->train,
      "First make the missing bundles by their recipes, and fit missing predictors; hours to days, and resumes");
  add_distribution_option(*sub, o->context.distribution);
  sub->add_option("--seed", o->context.seed, "Of everything random");
  add_timing_options(*sub, o->context.timing);
  add_directory_option(*sub, o->context.data_directory);
  sub->add_flag("--json", o->json, "Print JSON");
  sub->callback([o] { run(*o); });
}

}  // namespace einet::cli
