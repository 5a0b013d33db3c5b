#include "cli/reproduce_training.h"

#include <sys/wait.h>
#include <unistd.h>

#include <iostream>
#include <set>

#include "bundle/bundle.h"
#include "cli/companion.h"
#include "data/dataset.h"
#include "einet/error.h"
#include "io/child_process.h"
#include "io/file.h"
#include "reproduce/training.h"

namespace einet::cli {
namespace {

namespace fs = std::filesystem;

std::string joined(const std::vector<std::string>& arguments) {
  std::string line = "einet";
  for (const std::string& argument : arguments) line += " " + argument;
  return line;
}

/// Runs `einet ARGUMENTS`, with its standard output on ours for errors.
void run_command(std::vector<std::string> arguments) {
  const std::string line = joined(arguments);
  std::cerr << line << '\n';
  arguments.insert(arguments.begin(), "einet");
  // A training that went on alone would meet the one that continues it in the same folder of checkpoints.
  const auto status = io::wait_for_child(
      io::start_child("/proc/self/exe", arguments, {.output = STDERR_FILENO, .ends_with_parent = true}));
  if (io::succeeded(status)) return;
  const bool killed = status && WIFSIGNALED(*status);
  throw Error(ErrorKind::kInvalidData, line,
              (killed ? "ended by signal " + std::to_string(WTERMSIG(*status)) : std::string("failed")) +
                  "; run einet reproduce --train again to continue from the last checkpoint");
}

void run_step(reproduce::TrainingStep step) {
  if (!step.checkpoint.empty()) {
    io::create_folders(step.checkpoint);
    if (fs::exists(step.checkpoint / "checkpoint.npz")) step.arguments.emplace_back("--resume");
  }
  run_command(std::move(step.arguments));
}

/// Whether the predictors of an existing bundle are to be fitted: it has none, and more than one exit to plan.
bool needs_fit(const fs::path& path) {
  try {
    const bundle::Bundle bundle = bundle::load_bundle(path);
    return bundle.exits() > 1 && bundle.confidences && !bundle.has_predictors();
  } catch (const Error&) {
    return false;  // Damaged: the report states why.
  }
}

}  // namespace

void train_missing(const std::vector<std::string>& names, const fs::path& bundles, const fs::path& work,
                   const std::string& data_directory) {
  const auto path_of = [&](const std::string& name) { return bundles / (name + ".einet"); };
  std::vector<const reproduce::Recipe*> missing;
  std::set<std::string> data, unfitted;
  for (const std::string& name : names) {
    const reproduce::Recipe* recipe = reproduce::find_recipe(name);
    const bool exists = fs::exists(path_of(name));
    if (!exists && recipe != nullptr) {
      missing.push_back(recipe);
      data.insert(recipe->data);
    }
    const bool predicts = recipe == nullptr || recipe->predicts;
    if (predicts && exists && needs_fit(path_of(name))) unfitted.insert(name);
  }
  if (missing.empty() && unfitted.empty()) return;

  if (!training().exists()) throw Error(ErrorKind::kUnsupported, "reproduce --train", training().missing);
  for (const std::string& name : data) data::load_dataset(name, data::Split::kTrain, data_directory);
  io::create_folders(bundles);
  for (const reproduce::Recipe* recipe : missing) {
    const std::string name = recipe->name();
    io::create_folders(work / name);
    io::create_folders(path_of(name).parent_path());
    for (auto& step : reproduce::training_steps(*recipe, bundles, work / name, data_directory)) {
      run_step(std::move(step));
    }
    if (recipe->predicts && needs_fit(path_of(name))) unfitted.insert(name);
  }
  for (const std::string& name : unfitted) run_step(reproduce::fitting_step(path_of(name)));
}

}  // namespace einet::cli
