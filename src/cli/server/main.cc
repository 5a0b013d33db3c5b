// einet-server, which `einet serve` and `einet bench server` start.

#include <pthread.h>
#include <signal.h>

#include "cli/command.h"
#include "cli/program.h"
#include "cli/server/bench.h"

int main(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // Inherited by all threads; the main thread waits for them.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  return einet::cli::run_program("The server of einet serve, and its benchmark.",
                                 {einet::cli::add_serve, einet::cli::add_server_bench}, argc, argv);
}
