#pragma once

#include <string>
#include <string_view>

namespace einet::graph {

/// What a user can do about an unsupported operator, as part of a sentence; "" if nothing is known.
std::string hint_for(std::string_view op);

}  // namespace einet::graph
