#include "cli/program.h"

#include <algorithm>
#include <exception>
#include <iostream>
#include <new>
#include <string>

#include "cli/suggestion.h"
#include "einet/error.h"

namespace einet::cli {
namespace {

constexpr int kFailure = 1;
constexpr int kWrongUsage = 2;

int report_error(std::string message, int status) {
  std::replace(message.begin(), message.end(), '\n', ' ');
  std::cerr << "einet: " << message << '\n';
  return status;
}

/// The command that was being parsed, for "einet: plan: …".
std::string command_name(const CLI::App& app) {
  std::string name;
  const CLI::App* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    name += (name.empty() ? "" : " ") + at->get_name();
  }
  return name.empty() ? "usage" : name;
}

}  // namespace

int run_program(const std::string& description, std::initializer_list<void (*)(CLI::App&)> commands, int argc,
                char** argv) {
  CLI::App app(description, "einet");
  app.set_version_flag("--version", EINET_VERSION);
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default();
  for (const auto add : commands) add(app);
  try {
    app.parse(argc, argv);
    std::cout.flush();
    if (!std::cout) return report_error("standard output: cannot be written", kFailure);
    return 0;
  } catch (const CLI::Success& e) {  // --help, --version
    return app.exit(e);
  } catch (const CLI::ParseError& e) {
    const std::string mistyped = mistyped_name(app, argc, argv);
    return report_error(mistyped.empty() ? command_name(app) + ": " + e.what() : mistyped, kWrongUsage);
  } catch (const einet::Error& e) {
    return report_error(e.what(), e.kind() == einet::ErrorKind::kUsage ? kWrongUsage : kFailure);
  } catch (const std::bad_alloc&) {
    return report_error("memory: not enough memory for this command", kFailure);
  } catch (const std::exception& e) {
    return report_error(command_name(app) + ": " + e.what(), kFailure);
  }
}

}  // namespace einet::cli
