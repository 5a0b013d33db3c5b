#include "cli/bundle_output.h"

#include "cli/rescue.h"

namespace einet::cli {
namespace fs = std::filesystem;

void add_bundle_output(CLI::App& command, BundleOutput& output, const std::string& help) {
  command.add_option("-o,--output", output.path, help);
  command.add_flag("--force", output.force,
                   "Overwrite a bundle even if that discards parts of it, such as its predictor");
}

bundle::Destination destination(const BundleOutput& output, const std::string& input) {
  return bundle::destination(input, output.path, output.force, "use -o NAME.einet");
}

bundle::Bundle save_result(const bundle::Destination& destination, const bundle::Bundle& start,
                           const bundle::Change& change) {
  bundle::Bundle saved;
  save_or_rescue(destination.path, [&](const fs::path& path) {
    bundle::Destination place = destination;
    place.path = path;
    saved = bundle::update_bundle(place, start, change);
  });
  return saved;
}

}  // namespace einet::cli
