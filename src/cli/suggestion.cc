#include "cli/suggestion.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/nearest_name.h"
#include "einet/error.h"

namespace einet::cli {
namespace {

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(sub->get_name());
  return names;
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back(name);
  }
  return names;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// "; did you mean '--stream'?", or "; `einet run --help` lists them" if no name is close.
std::string hint(const std::string& command, std::string_view name, const std::vector<std::string>& names,
                 const std::string& dashes) {
  const std::string nearest = nearest_name(name, names);
  if (!nearest.empty()) return "; did you mean '" + dashes + nearest + "'?";
  return "; `" + command + " --help` lists them";
}

}  // namespace

std::string mistyped_name(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* at = &app;
  std::string command = app.get_name();  // "einet model"
  std::string path;                      // "model "
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--") break;
    const std::vector<std::string> commands = command_names(*at);
    if (argument.starts_with("--")) {
      const std::string_view name = argument.substr(2, argument.find('=') - 2);
      const std::vector<std::string> options = option_names(*at);
      if (contains(options, name)) continue;
      return path + "--" + std::string(name) + ": no such option" + hint(command, name, options, "--");
    }
    if (argument.starts_with('-') || commands.empty()) continue;
    if (!contains(commands, argument)) {
      return path + std::string(argument) + ": no such command" + hint(command, argument, commands, "");
    }
    at = at->get_subcommand(std::string(argument));
    command += " " + at->get_name();
    path += at->get_name() + " ";
  }
  if (command_names(*at).empty()) return {};
  const std::string what = path.empty() ? "usage" : path.substr(0, path.size() - 1);
  return what + ": needs a command; `" + command + " --help` lists them";
}

}  // namespace einet::cli
