#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "einet/graph/graph.h"

namespace einet::zoo {

/// What every network of the zoo can be built for.
struct NetworkOptions {
  int channels = 3;  ///< Of the input image.
  int height = 32;
  int width = 32;
  int classes = 10;
  std::uint64_t seed = 1;
  /// The network's own parameters by name, as typed on the command line: {"blocks","12"}. Unknown names and
  /// values out of range throw kUsage, naming the nearest parameter or the range.
  std::map<std::string, std::string> parameters = {};
};

struct Parameter {
  std::string name;
  std::string default_value;
  std::string help;
};

/// One family of networks.
struct Family {
  std::string name;
  std::string summary;  ///< One line, with the source.
  std::vector<Parameter> parameters;
  graph::Graph (*build)(const NetworkOptions&);
};

/// All families: "msdnet", "b-alexnet".
const std::vector<Family>& families();

/// Builds by name. Throws kUsage for an unknown name (the nearest is suggested).
graph::Graph build(const std::string& name, const NetworkOptions& options);

}  // namespace einet::zoo
