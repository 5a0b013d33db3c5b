#include "serve/rest/routes.h"

#include <algorithm>
#include <charconv>
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

/// "my%20net" -> "my net"; empty if two hexadecimal digits do not follow a '%'.
std::optional<std::string> percent_decoded(std::string_view text) {
  constexpr std::size_t kDigits = 2;
  constexpr int kHexadecimal = 16;
  std::string decoded;
  while (!text.empty()) {
    if (text.front() != '%') {
      decoded += text.front();
      text.remove_prefix(1);
      continue;
    }
    const std::string_view digits = text.substr(1, kDigits);
    unsigned char value = 0;
    const char* const end = digits.data() + digits.size();
    const auto [at, error] = std::from_chars(digits.data(), end, value, kHexadecimal);
    if (digits.size() != kDigits || error != std::errc() || at != end) return std::nullopt;
    decoded += static_cast<char>(value);
    text.remove_prefix(1 + kDigits);
  }
  return decoded;
}

/// Of the segments after /v2/models/NAME.
std::optional<Route> model_route(std::string_view name, std::vector<std::string_view> rest) {
  const auto model = percent_decoded(name);
  if (!model) return std::nullopt;
  Route route{.path = Path::kModel, .model = *model};
  if (rest.size() >= 2 && rest[0] == "versions") {
    const auto version = percent_decoded(rest[1]);
    if (!version || version->empty()) return std::nullopt;
    route.version = *version;
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
