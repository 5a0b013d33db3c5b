#include "serve/rest/routes.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace einet::serve {
namespace {

std::vector<std::string_view> segments_of(std::string_view path) {
  std::vector<std::string_view> segments;
  while (!path.empty()) {
    path.remove_prefix(1);  // The slash.
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return segments;
}

/// Of the segments after /v2/models/NAME.
std::optional<Route> model_route(std::string_view name, std::vector<std::string_view> rest) {
  Route route{.path = Path::kModel, .model = name};
  if (rest.size() >= 2 && rest[0] == "versions") {
    if (rest[1].empty()) return std::nullopt;
    route.version = rest[1];
    rest.erase(rest.begin(), rest.begin() + 2);
  }
  if (rest.empty()) return route;
  if (rest.size() > 1) return std::nullopt;
  if (rest[0] == "ready") {
    route.path = Path::kModelReady;
  } else if (rest[0] == "infer") {
    route.path = Path::kInfer;
  } else {
    return std::nullopt;
  }
  return route;
}

}  // namespace

std::optional<Route> find_route(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  if (path.empty() || path.front() != '/') return std::nullopt;
  static constexpr std::pair<std::string_view, Path> kFixed[] = {{"/", Path::kPage},
                                                                 {"/metrics", Path::kMetrics},
                                                                 {"/v2", Path::kServer},
                                                                 {"/v2/health/live", Path::kLive},
                                                                 {"/v2/health/ready", Path::kReady}};
  for (const auto& [text, fixed] : kFixed) {
    if (path == text) return Route{.path = fixed};
  }
  const std::vector<std::string_view> segments = segments_of(path);
  if (segments.size() < 3 || segments[0] != "v2" || segments[1] != "models" || segments[2].empty()) return std::nullopt;
  return model_route(segments[2], {segments.begin() + 3, segments.end()});
}

std::string_view method_of(Path path) { return path == Path::kInfer ? "POST" : "GET"; }

}  // namespace einet::serve
