#include "einet/bundle/bundle.h"

#include "einet/core/error.h"

namespace einet::bundle {

const profile::EtProfile& Bundle::timing_here() const {
  const std::string platform = profile::this_platform().name;
  const auto found = timing.find(platform);
  if (found != timing.end()) return found->second;
  throw Error(ErrorKind::kNotFound, name.empty() ? "bundle" : name,
              "no timing of this machine (" + platform + "); measure it with: einet profile BUNDLE --timing-only");
}

exec::Tuning Bundle::tuning_here(const exec::CompileOptions& options) const {
  const auto found = timing.find(profile::this_platform(options.threads, options.precision).name);
  return found != timing.end() ? found->second.tuning : exec::Tuning{};
}

graph::Graph as_stored(const graph::Graph& graph, graph::WeightStorage storage) {
  return graph::parse_onnx(graph::format_onnx(graph, storage), graph.name);
}

}  // namespace einet::bundle
