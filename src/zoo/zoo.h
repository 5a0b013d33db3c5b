#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::zoo {

/// Options of every network of the zoo.
struct NetworkOptions {
  int channels = 3;  ///< Of the input image.
  int height = 32;
  int width = 32;
  int classes = 10;
  std::optional<std::uint64_t> seed =
      1;  ///< Of the weights. Empty: zeros instead of random weights, for counting only.
  /// The family's own parameters by name, as typed on the command line: {"blocks","12"}. Unknown names and values out
  /// of range throw kUsage, naming the nearest parameter or the range.
  std::map<std::string, std::string> parameters = {};
};

struct Parameter {
  std::string name;
  std::string default_value;
  std::string help;
};

/// An architecture with its parameters.
struct Family {
  std::string name;
  std::vector<Parameter> parameters;
  graph::Graph (*build)(const NetworkOptions&);
};

/// All families: "b-alexnet", "vgg", "resnet", "msdnet".
const std::vector<Family>& families();

/// A family with some parameters set, known by a name.
struct NamedNetwork {
  std::string name;
  std::string summary;  ///< One line, with the source.
  std::string family;
  std::map<std::string, std::string> preset;  ///< Over the family's defaults and below the user's parameters.
};

/// All networks: the six of the paper; a size for training on a CPU ("-small") of those whose training would take more
/// than three hours there; for each, the baselines with a single exit at the end, "-classic" and, with half the
/// channels, "-compressed"; and "msdnet" for custom sizes.
const std::vector<NamedNetwork>& networks();

/// Builds by name. Throws kUsage for an unknown name (the nearest is suggested).
graph::Graph build(const std::string& name, const NetworkOptions& options);

}  // namespace einet::zoo
