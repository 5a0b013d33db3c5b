// einet-server, which `einet serve` starts.

#include <pthread.h>
#include <signal.h>

#include "cli/program.h"
#include "cli/server/serve.h"

int main(int argc, char** argv) {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // Inherited by all threads; the main thread waits for them.
  signal(SIGPIPE, SIG_IGN);
  signal(SIGXFSZ, SIG_IGN);
  CLI::App app("The server of einet serve.", "einet");
  app.set_version_flag("--version", EINET_VERSION);
  app.require_subcommand(1);
  app.option_defaults()->always_capture_default();
  einet::cli::ServeOptions options;
  CLI::App* sub = app.add_subcommand("serve", "Answer requests by the Open Inference Protocol, over HTTP and gRPC");
  add_serve_options(*sub, options);
  sub->callback([&options] { einet::cli::serve(options); });
  return einet::cli::run_program(app, argc, argv);
}
