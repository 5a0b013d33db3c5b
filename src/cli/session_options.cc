#include "cli/session_options.h"

#include <map>
#include <utility>
#include <vector>

#include "cli/planning_options.h"
#include "cli/timing_options.h"
#include "runtime/model_parts.h"

namespace einet::cli {
namespace {

/// An option whose value is one of these names.
template <class T, class Target>
void add_choice_option(CLI::App& command, const std::string& name, Target& target,
                       const std::vector<std::pair<std::string, T>>& choices, const std::string& help) {
  const std::map<std::string, T> values(choices.begin(), choices.end());
  std::vector<std::string> names;
  for (const auto& choice : choices) names.push_back(choice.first);
  command
      .add_option_function<std::string>(
          name, [&target, values](const std::string& chosen) { target = values.at(chosen); }, help)
      ->check(CLI::IsMember(names));
}

}  // namespace

std::shared_ptr<const Model> SessionSetup::make(bundle::Bundle loaded) const {
  const exec::CompileOptions compile = executor.compile_options();
  ModelOptions options = model;
  options.threads = compile.threads;
  options.precision = compile.precision;
  options.tune = !executor.no_tune;
  options.branch_lane = lanes == 2;
  auto made = make_model(std::move(loaded), options);
  print_notes(made->notes());
  return made;
}

SessionOptions SessionSetup::session_options() const {
  SessionOptions options;
  options.publish = publish;
  options.initial = initial;
  options.top = top;
  options.branch_lane = lanes == 2;
  return options;
}

void add_publish_option(CLI::App& command, SessionSetup& setup) {
  add_choice_option<Publish>(
      command, "--publish", setup.publish,
      {{"latest", Publish::kLatest}, {"most-confident", Publish::kMostConfident}, {"combined", Publish::kCombined}},
      "The answer to publish: the latest, the most confident so far, or the combination of all exits so far; "
      "default: combined if the bundle has weights with a gain, otherwise latest");
}

void add_session_options(CLI::App& command, SessionSetup& setup) {
  command.add_option("bundle", setup.bundle, "Bundle (name.einet)")->required();
  command.add_option("--top", setup.top, "Number of classes per answer, most likely first: 1 to 5");
  add_publish_option(command, setup);
  command
      .add_flag_callback(
          "--most-confident", [&setup] { setup.publish = Publish::kMostConfident; },
          "The same as --publish most-confident")
      ->excludes("--publish");
  add_choice_option<Initial>(
      command, "--initial", setup.initial,
      {{"none", Initial::kNone}, {"frequent", Initial::kFrequent}, {"previous", Initial::kPrevious}},
      "Initial answer of a run that is cut off before its first answer: none, the most frequent class of the bundle's "
      "samples, or the answer for the previous input (for the frames of a video); default: none");
  add_distribution_option(command, setup.model.distribution);
  add_planner_option(command, setup.model.planner);
  add_measure_option(command, setup.model.measure);
  add_executor_options(command, setup.executor);
  add_lanes_option(command, setup.lanes);
}

std::vector<std::string> repeated_options(const CLI::App& from, const CLI::App& to) {
  std::vector<std::string> arguments;
  for (const CLI::Option* option : from.get_options()) {
    const std::string name = option->get_name();  // "--top", or "bundle" for a positional.
    if (option->count() == 0 || !name.starts_with("--") || to.get_option_no_throw(name) == nullptr) continue;
    for (const std::string& value : option->results()) arguments.push_back(name + "=" + value);
  }
  return arguments;
}

}  // namespace einet::cli
