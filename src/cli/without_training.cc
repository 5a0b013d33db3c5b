#include "cli/command.h"
#include "einet/error.h"

/// The training commands of a build without libtorch: there, but saying why they cannot work.
namespace einet::cli {
namespace {

void add_unavailable(CLI::App& app, const std::string& name, const std::string& help) {
  CLI::App* sub = app.add_subcommand(name, help + " (not in this build)");
  sub->allow_extras();
  sub->callback([name] {
    throw Error(ErrorKind::kUnsupported, name,
                "this einet was built without training (-DEINET_TRAIN=ON needs libtorch)");
  });
}

}  // namespace

void add_train(CLI::App& app) { add_unavailable(app, "train", "Train a multi-exit network"); }
void add_predictor(CLI::App& app) { add_unavailable(app, "predictor", "Fit predictor and calibration"); }

}  // namespace einet::cli
