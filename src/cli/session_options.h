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

/// The options of commands that run sessions.
struct SessionSetup {
  std::string bundle;
  ModelOptions model;
  ExecutorOptions executor;
  std::optional<Publish> publish;
  Initial initial = Initial::kNone;
  int top = 1;
  int lanes = 1;

  /// Prints the notes of the model. Throws like Model::load().
  std::shared_ptr<const Model> make(bundle::Bundle loaded) const;
  SessionOptions session_options() const;
};

/// Adds --publish.
void add_publish_option(CLI::App& command, SessionSetup& setup);

/// Adds the bundle and all options of a setup.
void add_session_options(CLI::App& command, SessionSetup& setup);

/// The arguments that repeat for `to` the options of add_session_options() that were given to `from`.
std::vector<std::string> repeated_options(const CLI::App& from, const CLI::App& to);

}  // namespace einet::cli
