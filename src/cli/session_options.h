#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>

#include "bundle/bundle.h"
#include "cli/executor_options.h"
#include "einet/model.h"
#include "einet/session.h"

namespace einet::cli {

/// How a bundle is run, as the commands that run sessions take it.
struct SessionSetup {
  std::string bundle;
  ModelOptions model;
  ExecutorOptions executor;
  std::optional<Publish> publish;
  Initial initial = Initial::kNone;
  int top = 1;

  /// Prints the model's notes. Throws as Model::load().
  std::shared_ptr<const Model> make(bundle::Bundle loaded) const;
  SessionOptions session_options() const;
};

/// Adds the bundle and all options of a setup.
void add_session_options(CLI::App& command, SessionSetup& setup);

/// The arguments that repeat in `to` what `from` was given of the options that add_session_options() adds to both.
std::vector<std::string> repeated_options(const CLI::App& from, const CLI::App& to);

}  // namespace einet::cli
