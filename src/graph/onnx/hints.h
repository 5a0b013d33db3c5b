#pragma once

#include <string>
#include <string_view>

namespace einet::graph {

/// The nearest thing to do about an operator that is not supported, as half a sentence; "" where nothing is known.
std::string hint_for(std::string_view op);

}  // namespace einet::graph
