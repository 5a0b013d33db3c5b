#include "cli/reproduce_training.h"

#include <unistd.h>

#include <iostream>

#include "bundle/bundle.h"
#include "einet/error.h"
#include "io/child_process.h"
#include "io/file.h"
#include "reproduce/training.h"

namespace einet::cli {
namespace {

std::string joined(const std::vector<std::string>& arguments) {
  std::string line = "einet";
  for (const std::string& argument : arguments) line += " " + argument;
  return line;
}

/// Runs `einet ARGUMENTS`, its standard output on ours for errors.
void run_command(std::vector<std::string> arguments) {
  const std::string line = joined(arguments);
  std::cerr << line << '\n';
  arguments.insert(arguments.begin(), "einet");
  if (io::succeeded(io::wait_for_child(io::start_child("/proc/self/exe", arguments, {.output = STDERR_FILENO}))))
    return;
  throw Error(ErrorKind::kInvalidData, line, "failed; run the same command again to continue from the last checkpoint");
}

void run_step(reproduce::TrainingStep step) {
  if (!step.checkpoint.empty()) {
    io::create_folders(step.checkpoint);
    if (std::filesystem::exists(step.checkpoint / "checkpoint.npz")) step.arguments.emplace_back("--resume");
  }
  run_command(std::move(step.arguments));
}

/// Whether the predictors of a bundle are to be fitted: it has none, and more than one exit to plan.
bool needs_fit(const std::filesystem::path& path) {
  const bundle::Bundle bundle = bundle::load_bundle(path);
  return bundle.exits() > 1 && bundle.confidences && !(bundle.fit && bundle.folds[0] && bundle.folds[1]);
}

}  // namespace

void train_missing(const std::vector<std::string>& names, const std::filesystem::path& bundles,
                   const std::filesystem::path& work, const std::string& data_directory) {
  io::create_folders(bundles);
  for (const std::string& name : names) {
    const std::filesystem::path path = bundles / (name + ".einet");
    if (!std::filesystem::exists(path)) {
      const reproduce::Recipe* recipe = reproduce::find_recipe(name);
      if (recipe == nullptr) continue;
      io::create_folders(work / name);
      for (auto& step : reproduce::training_steps(*recipe, bundles, work / name, data_directory)) {
        run_step(std::move(step));
      }
    }
    if (needs_fit(path)) run_step(reproduce::fitting_step(path));
  }
}

}  // namespace einet::cli
