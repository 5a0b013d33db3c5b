#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// The two bodies of an If, as graphs without inputs: values of the surrounding graph that they read are inputs of the
/// If, after its condition. All names are unique in the whole file.
struct Branches {
  Graph yes, no;
};

/// By the name of the If node. Loading chooses one of the two if the condition can be computed.
using BranchesByNode = std::unordered_map<std::string, Branches>;

/// Gives unique names to everything defined in the branches of an If. Throws kInvalidData for an If without both.
void name_apart(onnx::GraphProto& graph);

/// "then_branch" or "else_branch" of an If, after name_apart().
const onnx::GraphProto& branch_of(const onnx::NodeProto& node, const char* which);

/// The values that `branch` reads but does not define.
std::vector<std::string> captured(const Graph& branch);

}  // namespace einet::graph
