#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace einet::serve {

/// The paths of the REST protocol.
enum class Path { kPage, kMetrics, kLive, kReady, kServer, kModel, kModelReady, kInfer };

struct Route {
  Path path;
  std::string model = {}, version = {};  ///< Parts of the target, decoded; the version may be empty.
};

/// The route of a request target; any query is ignored. Names of models may be percent-encoded. Empty = there is no
/// such path.
std::optional<Route> find_route(std::string_view target);
/// The method that a path is for: "GET" or "POST".
std::string_view method_of(Path path);

}  // namespace einet::serve
