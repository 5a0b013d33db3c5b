// einet-train: the commands of einet that need libtorch. `einet train` and `einet predictor` start it.

#include <signal.h>

#include "cli/command.h"
#include "cli/interruption.h"
#include "cli/program.h"

int main(int argc, char** argv) {
  einet::cli::clean_up_when_interrupted();
  signal(SIGXFSZ, SIG_IGN);  // A write beyond the file size limit then fails like one to a full disk.
  CLI::App app("The training of einet.", "einet");
  app.set_version_flag("--version", EINET_VERSION);
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default();
  einet::cli::add_train(app);
  einet::cli::add_predictor(app);
  return einet::cli::run_program(app, argc, argv);
}
