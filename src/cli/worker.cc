#include <cstdlib>
#include <memory>

#include "cli/command.h"
#include "cli/session_options.h"
#include "einet/supervisor.h"

namespace einet::cli {

void add_worker(CLI::App& app) {
  CLI::App* sub = app.add_subcommand(
      "worker", "Run a bundle for the program that started this one (einet run --isolate, einet::Supervisor)");
  auto setup = std::make_shared<SessionSetup>();
  add_session_options(*sub, *setup);
  sub->callback([setup] {
    const int status =
        run_worker([&] { return setup->make(bundle::load_bundle(setup->bundle)); }, setup->session_options());
    if (status != 0) std::exit(status);  // The supervisor reports why.
  });
}

}  // namespace einet::cli
