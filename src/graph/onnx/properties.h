#pragma once

#include <string_view>

namespace einet::graph {

/// Key of the metadata property of an ONNX file that holds Graph::head by name.
constexpr std::string_view kHeadProperty = "einet.head";
/// Graph::untrained, one output a line.
constexpr std::string_view kUntrainedProperty = "einet.untrained";

}  // namespace einet::graph
