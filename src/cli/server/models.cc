#include "cli/server/models.h"

#include <string>
#include <utility>

#include "core/processors.h"
#include "einet/error.h"
#include "exec/platform.h"
#include "runtime/model_parts.h"

namespace einet::cli {
namespace {

/// Plans are made for the block times, so they must be of this machine.
void require_times(const bundle::Bundle& bundle, const std::filesystem::path& path, exec::Precision precision) {
  const std::string platform = exec::this_platform(1, precision).name;
  if (bundle.timing.contains(platform) || bundle.timing.contains(exec::earlier_name(1, precision))) return;
  throw Error(ErrorKind::kNotFound, path.string(),
              "has no times of this machine, " + platform + "; einet profile " + path.string() +
                  " --timing-only adds them, and --measure measures them at the start");
}

}  // namespace

std::shared_ptr<const Model> load_model(bundle::Bundle bundle, const std::filesystem::path& path, ModelOptions options,
                                        const ExecutorOptions& executor) {
  options.precision = exec::parse_precision(executor.precision);
  options.tune = !executor.no_tune;
  if (!options.measure) require_times(bundle, path, options.precision);
  return make_model(std::move(bundle), options);
}

std::vector<int> processors_for(int sessions) {
  std::vector<int> processors = processors_to_pin();
  if (sessions == 0) return processors;
  const auto wanted = static_cast<std::size_t>(sessions);
  if (wanted > processors.size()) {
    throw Error(ErrorKind::kUsage, "--sessions",
                std::to_string(sessions) + " requested, but this process may use " + std::to_string(processors.size()) +
                    " processors");
  }
  processors.resize(wanted);
  return processors;
}

}  // namespace einet::cli
