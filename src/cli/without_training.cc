#include "cli/command.h"
#include "einet/error.h"

/// The training commands of a build without libtorch: they report why they are not available.
namespace einet::cli {
namespace {

void add_unavailable(CLI::App& app, const std::string& name, const std::string& help) {
  CLI::App* sub = app.add_subcommand(name, help + " (not in this build)");
  sub->allow_extras();
  sub->callback([name] { require_training(name); });
}

}  // namespace

void require_training(const std::string& what) {
  throw Error(ErrorKind::kUnsupported, what,
              "this einet was built without training; build it with -DEINET_TRAIN=ON, which needs libtorch");
}

void add_train(CLI::App& app) { add_unavailable(app, "train", "Train a multi-exit network"); }
void add_predictor(CLI::App& app) { add_unavailable(app, "predictor", "Fit predictor and calibration"); }

}  // namespace einet::cli
