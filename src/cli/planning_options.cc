#include "cli/planning_options.h"

#include "einet/distribution.h"
#include "einet/planner.h"

namespace einet::cli {

void add_distribution_option(CLI::App& command, std::string& distribution, const std::string& what) {
  command.add_option(
      "--distribution", distribution,
      what + ": " + CLI::detail::join(plan::distribution_forms(), ", ") +
          ". A TIME is 3ms, 250us, 0.5s or, in units of the horizon T, 0.5T; MU and SIGMA are in units of T, or "
          "times; FILE - is standard input");
}

void add_deadline_option(CLI::App& command, std::string& distribution) {
  command.add_option_function<std::string>(
      "--deadline", [&distribution](const std::string& deadline) { distribution += " until " + deadline; },
      "Known deadline of runs in addition to the distribution: 3ms, or 0.5T for half the horizon");
}

void add_planner_option(CLI::App& command, std::string& planner, const std::string& what) {
  command.add_option("--planner", planner, what + ": " + CLI::detail::join(plan::planner_names(), ", "));
}

}  // namespace einet::cli
