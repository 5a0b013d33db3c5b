#pragma once

#include <string_view>

#include "einet/error.h"
#include "graph/graph.h"

namespace einet::graph {

/// Throw kInvalidData "what: why"; for a node, `what` is describe(node).
[[noreturn]] inline void invalid(std::string_view what, std::string_view why) {
  throw Error(ErrorKind::kInvalidData, what, why);
}
[[noreturn]] inline void invalid(const Node& node, std::string_view why) { invalid(describe(node), why); }

/// The same with kUnsupported.
[[noreturn]] inline void unsupported(std::string_view what, std::string_view why) {
  throw Error(ErrorKind::kUnsupported, what, why);
}
[[noreturn]] inline void unsupported(const Node& node, std::string_view why) { unsupported(describe(node), why); }

}  // namespace einet::graph
