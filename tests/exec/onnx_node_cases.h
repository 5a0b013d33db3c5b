#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace einet::exec {

/// One of the ONNX project's own node tests: a model of one node, and what it makes of one set of inputs.
struct NodeCase {
  std::string name;  ///< Of its folder, "test_relu".
  onnx::ModelProto model;
  std::vector<onnx::TensorProto> inputs, outputs;

  const onnx::NodeProto& node() const { return model.graph().node(0); }
};

/// Every case of one node of an operator in `operators`, one for each of its data sets.
std::vector<NodeCase> read_node_cases(const std::filesystem::path& folder, const std::set<std::string>& operators);

/// The case as a model whose first input is given at run time, the others being constants. Cases older than opset 7,
/// whose operators have not changed since, are declared as opset 13.
std::string with_one_input(const NodeCase& node_case);

/// The case as a model with one input [1,F], which holds the inputs numbered `live` one after the other; each is cut
/// out and shaped. Every output is shaped to [1,F].
std::string with_packed_inputs(const NodeCase& node_case, const std::vector<int>& live);

}  // namespace einet::exec
