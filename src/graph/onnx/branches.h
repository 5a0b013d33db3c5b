#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// The two bodies of an If, as graphs without inputs: what they read of the graph around them are inputs of the If,
/// after its condition. All names are unique in the whole file.
struct Branches {
  Graph yes, no;
};

/// By the name of the If node. Loading takes one of the two where the condition can be computed at load.
using BranchesByNode = std::unordered_map<std::string, Branches>;

/// Gives what the branches of every If define names of their own. Throws kInvalidData for an If that lacks one.
void name_apart(onnx::GraphProto& graph);

/// "then_branch" or "else_branch" of an If that name_apart() has seen.
const onnx::GraphProto& branch_of(const onnx::NodeProto& node, const char* which);

/// What `branch` reads and does not define itself.
std::vector<std::string> captured(const Graph& branch);

}  // namespace einet::graph
