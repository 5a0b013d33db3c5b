// A thread waits for the signals, because a signal handler cannot remove folders.

#include "cli/interruption.h"

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <initializer_list>
#include <system_error>
#include <thread>

#include "io/file.h"

namespace einet::cli {
namespace {

void wait_for(sigset_t signals) {
  int number = 0;
  while (sigwait(&signals, &number) != 0) {
  }
  io::abandon_writes();
  signal(number, SIG_DFL);  // The signal itself ends the process, so that the shell can report it.
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  raise(number);
  _exit(128 + number);
}

}  // namespace

void clean_up_when_interrupted() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    if (sigaction(number, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) sigaddset(&signals, number);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  try {
    std::thread(wait_for, signals).detach();
  } catch (const std::system_error&) {  // No thread available: the next write removes leftovers.
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
  }
}

}  // namespace einet::cli
