#include "exec/onnx_node_cases.h"

#include <algorithm>
#include <fstream>

#include "io/file.h"

namespace einet::exec {
namespace {

namespace fs = std::filesystem;
using onnx::TensorProto;

constexpr std::int64_t kOldest = 7, kOpset = 13;

std::vector<TensorProto> read_tensors(const fs::path& set, const std::string& kind) {
  std::vector<TensorProto> tensors;
  for (int i = 0;; ++i) {
    const fs::path file = set / (kind + "_" + std::to_string(i) + ".pb");
    if (!fs::exists(file)) return tensors;
    if (!tensors.emplace_back().ParseFromString(io::read_file(file))) tensors.back().Clear();
  }
}

void keep_first_output(NodeCase& node_case) {
  onnx::GraphProto& graph = *node_case.model.mutable_graph();
  auto& names = *graph.mutable_node(0)->mutable_output();
  names.DeleteSubrange(1, names.size() - 1);
  graph.mutable_output()->DeleteSubrange(1, graph.output_size() - 1);
  node_case.outputs.resize(1);
}

onnx::ModelProto header(const NodeCase& node_case) {
  onnx::ModelProto model;
  model.set_ir_version(8);
  auto* opset = model.add_opset_import();
  *opset = node_case.model.opset_import(0);
  if (opset->version() < kOldest) opset->set_version(kOpset);
  model.mutable_graph()->set_name(node_case.name);
  return model;
}

void add_constant(onnx::GraphProto& graph, TensorProto tensor, const std::string& name) {
  tensor.set_name(name);
  *graph.add_initializer() = std::move(tensor);
}

void add_integers(onnx::GraphProto& graph, const std::string& name, const std::vector<std::int64_t>& values) {
  TensorProto tensor;
  tensor.set_data_type(TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  for (const std::int64_t value : values) tensor.add_int64_data(value);
  add_constant(graph, std::move(tensor), name);
}

void add_node(onnx::GraphProto& graph, const std::string& op, const std::vector<std::string>& inputs,
              const std::string& output) {
  auto& node = *graph.add_node();
  node.set_op_type(op);
  node.set_name(output);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
}

void add_input(onnx::GraphProto& graph, const std::string& name, const std::vector<std::int64_t>& shape) {
  auto& info = *graph.add_input();
  info.set_name(name);
  info.mutable_type()->mutable_tensor_type()->set_elem_type(TensorProto::FLOAT);
  for (const std::int64_t size : shape) {
    info.mutable_type()->mutable_tensor_type()->mutable_shape()->add_dim()->set_dim_value(size);
  }
}

std::int64_t elements(const TensorProto& tensor) {
  std::int64_t count = 1;
  for (const std::int64_t size : tensor.dims()) count *= size;
  return count;
}

// Names of the graph's inputs in the order of the data; a node may use them in another order or not at all.
const std::string& input_name(const NodeCase& node_case, std::size_t i) {
  return node_case.model.graph().input(static_cast<int>(i)).name();
}

}  // namespace

std::vector<NodeCase> read_node_cases(const fs::path& folder, const std::set<std::string>& operators) {
  std::vector<fs::path> tests;
  for (const auto& entry : fs::directory_iterator(folder)) tests.push_back(entry.path());
  std::sort(tests.begin(), tests.end());
  std::vector<NodeCase> cases;
  for (const fs::path& test : tests) {
    NodeCase node_case{test.filename(), {}, {}, {}};
    if (!node_case.model.ParseFromString(io::read_file(test / "model.onnx"))) continue;
    if (node_case.model.graph().node_size() != 1) continue;
    if (!operators.contains(node_case.node().op_type())) continue;
    for (int set = 0;; ++set) {
      const fs::path data = test / ("test_data_set_" + std::to_string(set));
      if (!fs::exists(data)) break;
      node_case.inputs = read_tensors(data, "input");
      node_case.outputs = read_tensors(data, "output");
      // The others are statistics, which are only for training.
      if (node_case.node().op_type() == "LayerNormalization") keep_first_output(node_case);
      cases.push_back(node_case);
    }
  }
  return cases;
}

std::string with_one_input(const NodeCase& node_case) {
  onnx::ModelProto model = header(node_case);
  onnx::GraphProto& graph = *model.mutable_graph();
  const auto& dims = node_case.inputs.front().dims();
  add_input(graph, input_name(node_case, 0), {dims.begin(), dims.end()});
  for (std::size_t i = 1; i < node_case.inputs.size(); ++i) {
    add_constant(graph, node_case.inputs[i], input_name(node_case, i));
  }
  *graph.add_node() = node_case.node();
  for (const auto& output : node_case.model.graph().output()) graph.add_output()->set_name(output.name());
  return model.SerializeAsString();
}

std::string with_packed_inputs(const NodeCase& node_case, const std::vector<int>& live) {
  onnx::ModelProto model = header(node_case);
  onnx::GraphProto& graph = *model.mutable_graph();
  std::int64_t total = 0;
  for (std::size_t i = 0; i < node_case.inputs.size(); ++i) {
    const std::string& name = input_name(node_case, i);
    if (std::find(live.begin(), live.end(), static_cast<int>(i)) == live.end()) {
      add_constant(graph, node_case.inputs[i], name);
      continue;
    }
    const TensorProto& tensor = node_case.inputs[i];
    add_integers(graph, name + ".start", {total});
    add_integers(graph, name + ".end", {total += elements(tensor)});
    add_integers(graph, name + ".axis", {1});
    add_integers(graph, name + ".shape", {tensor.dims().begin(), tensor.dims().end()});
    add_node(graph, "Slice", {"packed", name + ".start", name + ".end", name + ".axis"}, name + ".flat");
    add_node(graph, "Reshape", {name + ".flat", name + ".shape"}, name);
  }
  add_input(graph, "packed", {1, total});
  *graph.add_node() = node_case.node();
  add_integers(graph, "row", {1, -1});
  for (const auto& output : node_case.model.graph().output()) {
    add_node(graph, "Reshape", {output.name(), "row"}, output.name() + ".row");
    graph.add_output()->set_name(output.name() + ".row");
  }
  return model.SerializeAsString();
}

}  // namespace einet::exec
