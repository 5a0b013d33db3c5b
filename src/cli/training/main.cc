// einet-train: the commands of einet that need libtorch. `einet train` and `einet predictor` start it.

#include <signal.h>

#include "cli/command.h"
#include "cli/interruption.h"
#include "cli/program.h"

int main(int argc, char** argv) {
  einet::cli::clean_up_when_interrupted();
  signal(SIGXFSZ, SIG_IGN);  // A write beyond the file size limit then fails like one to a full disk.
  using namespace einet::cli;
  return run_program("The training of einet.", {add_train, add_predictor}, argc, argv);
}
