#pragma once

#include <onnx/onnx_pb.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace einet::exec {

/// One of the ONNX project's own node tests: a model of one node, with one set of inputs and expected outputs.
struct NodeCase {
  std::string name;  ///< Name of its folder, "test_relu".
  onnx::ModelProto model;
  std::vector<onnx::TensorProto> inputs, outputs;

  const onnx::NodeProto& node() const { return model.graph().node(0); }
};

/// All cases that consist of one node with an operator in `operators`, one for each of their data sets.
std::vector<NodeCase> read_node_cases(const std::filesystem::path& folder, const std::set<std::string>& operators);

/// The case as a model whose first input is given at run time and whose other inputs are constants. Cases older than
/// opset 7, whose operators have not changed since, are declared as opset 13.
std::string with_one_input(const NodeCase& node_case);

/// The case as a model with one input [1,F], the concatenation of the inputs numbered `live`, which the model slices
/// and reshapes. Every output is reshaped to [1,F].
std::string with_packed_inputs(const NodeCase& node_case, const std::vector<int>& live);

}  // namespace einet::exec
