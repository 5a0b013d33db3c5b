#include "cli/bundle_output.h"

#include <system_error>

#include "cli/rescue.h"
#include "einet/error.h"
#include "io/staged_directory.h"

namespace einet::cli {
namespace fs = std::filesystem;

void add_bundle_output(CLI::App& command, BundleOutput& output, const std::string& help) {
  command.add_option("-o,--output", output.path, help);
  command.add_flag("--force", output.force,
                   "Overwrite a bundle even if that discards parts of it, such as its predictor");
}

bundle::Destination destination(const BundleOutput& output, const std::string& input) {
  std::error_code error;
  const bool is_bundle = fs::is_directory(input, error);
  // A missing bundle is reported when it is read.
  if (output.path.empty() && (is_bundle || fs::path(input).extension() == ".einet")) return {input, true, output.force};
  if (output.path.empty() || io::directory_place(output.path).extension() != ".einet") {
    throw Error(ErrorKind::kUsage, output.path.empty() ? input : output.path,
                "the name of a bundle must end in .einet; use -o NAME.einet");
  }
  return {output.path, is_bundle && fs::equivalent(input, output.path, error), output.force};
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
