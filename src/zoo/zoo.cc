#include "zoo/zoo.h"

#include <algorithm>

#include "core/nearest_name.h"
#include "einet/error.h"
#include "zoo/families.h"

namespace einet::zoo {
namespace {

void check(const NetworkOptions& options) {
  const auto require = [](bool good, const char* what, const char* why) {
    if (!good) throw Error(ErrorKind::kUsage, what, why);
  };
  require(options.channels >= 1 && options.channels <= 1024, "input channels", "must be from 1 to 1024");
  require(options.height >= 1 && options.height <= 4096, "input height", "must be from 1 to 4096");
  require(options.width >= 1 && options.width <= 4096, "input width", "must be from 1 to 4096");
  require(options.classes >= 2 && options.classes <= 100000, "classes", "must be from 2 to 100000");
}

const Family& family_of(const NamedNetwork& network) {
  return *std::ranges::find(families(), network.family, &Family::name);
}

}  // namespace

const std::vector<Family>& families() {
  static const std::vector<Family> all = {b_alexnet(), vgg(), resnet(), msdnet()};
  return all;
}

graph::Graph build(const std::string& name, const NetworkOptions& options) {
  const auto network = std::ranges::find(networks(), name, &NamedNetwork::name);
  if (network == networks().end()) {
    std::vector<std::string> names;
    for (const NamedNetwork& known : networks()) names.push_back(known.name);
    const std::string nearest = nearest_name(name, names);
    throw Error(ErrorKind::kUsage, "network '" + name + "'",
                "unknown" + (nearest.empty() ? "; see `einet model list`" : "; did you mean '" + nearest + "'?"));
  }
  check(options);
  NetworkOptions whole = options;
  whole.parameters.insert(network->preset.begin(), network->preset.end());
  graph::Graph graph = family_of(*network).build(whole);
  graph.name = name;
  return graph;
}

}  // namespace einet::zoo
