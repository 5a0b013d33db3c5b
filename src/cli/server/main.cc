// einet-server, which `einet serve` starts.

#include <pthread.h>
#include <signal.h>

#include "cli/command.h"
#include "cli/program.h"

int main(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // Inherited by all threads; the main thread waits for them.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  return einet::cli::run_program("The server of einet serve.", {einet::cli::add_serve}, argc, argv);
}
