#include <onnx/onnx_pb.h>

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_set>

#include "einet/error.h"
#include "graph/faults.h"
#include "graph/onnx/properties.h"
#include "graph/onnx/quantized_proto.h"
#include "graph/onnx/spell_out.h"
#include "graph/onnx/tensor_proto.h"
#include "graph/onnx/unique_name.h"
#include "graph/onnx_file.h"
#include "graph/shape_inference.h"
#include "io/file.h"

namespace einet::graph {
namespace {

// One overload of to_attribute() for every type of attribute.
struct AttributeWriter {
  onnx::AttributeProto& proto;

  void operator()(std::int64_t value) const {
    proto.set_type(onnx::AttributeProto::INT);
    proto.set_i(value);
  }
  void operator()(float value) const {
    proto.set_type(onnx::AttributeProto::FLOAT);
    proto.set_f(value);
  }
  void operator()(const std::string& value) const {
    proto.set_type(onnx::AttributeProto::STRING);
    proto.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    proto.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : values) proto.add_ints(value);
  }
  void operator()(const std::vector<float>& values) const {
    proto.set_type(onnx::AttributeProto::FLOATS);
    for (const float value : values) proto.add_floats(value);
  }
  void operator()(const Tensor& value) const {
    proto.set_type(onnx::AttributeProto::TENSOR);
    *proto.mutable_t() = to_proto(value, "");
  }
};

void write_value_info(onnx::ValueInfoProto& info, const std::string& name, const Shape& shape,
                      onnx::TensorProto::DataType element = onnx::TensorProto::FLOAT) {
  info.set_name(name);
  auto* type = info.mutable_type()->mutable_tensor_type();
  type->set_elem_type(element);
  type->mutable_shape();
  for (const std::int64_t size : shape) {
    auto* dimension = type->mutable_shape()->add_dim();
    if (size == -1) {
      dimension->set_dim_param("N");
    } else {
      dimension->set_dim_value(size);
    }
  }
}

void write_node(onnx::NodeProto& proto, const Node& node) {
  proto.set_op_type(node.op);
  proto.set_name(node.name);
  for (const std::string& value : node.inputs) proto.add_input(value);
  for (const std::string& value : node.outputs) proto.add_output(value);
  for (const auto& [key, value] : node.attributes) {
    onnx::AttributeProto& attribute = *proto.add_attribute();
    attribute.set_name(key);
    std::visit(AttributeWriter{attribute}, value);
  }
}

/// Writes the initializers and, before all other nodes, the nodes that some of them need; then the nodes.
class GraphWriter {
 public:
  GraphWriter(const Graph& graph, onnx::GraphProto& proto) : graph_(graph), proto_(proto) {
    for (const Input& input : graph.inputs) taken_.values.insert(input.name);
    for (const auto& [name, tensor] : graph.initializers) taken_.values.insert(name);
    for (const Node& node : graph.nodes) {
      taken_.nodes.insert(node.name);
      taken_.values.insert(node.outputs.begin(), node.outputs.end());
    }
  }

  void write(const Node& node) {
    if (node.op == "FakeQuantize") {
      write_fake_quantize(node, taken_, proto_);
    } else {
      write_node(*proto_.add_node(), node);
    }
  }

  void write(const std::string& name, WeightStorage storage) {
    const Tensor& tensor = graph_.initializers.at(name);
    check_finite(tensor, "initializer '" + name + "'");
    const auto quantized = graph_.quantized.find(name);
    if (storage != WeightStorage::kNone && quantized != graph_.quantized.end()) {
      if (const auto whole = integers(tensor, quantized->second)) {
        return write_quantized(name, tensor.shape, *whole, quantized->second, taken_, proto_);
      }
    }
    // Bounds and ratios are single values: float16 would save nothing, and a bound may exceed its range.
    if (storage == WeightStorage::kFloat32 || !tensor.is_float() || tensor.floats().size() == 1) {
      *proto_.add_initializer() = to_proto(tensor, name);
      return;
    }
    if (storage == WeightStorage::kNone) {
      const std::string shape = unique_name(name + ".shape", taken_.values);
      *proto_.add_initializer() =
          to_proto(Tensor({static_cast<std::int64_t>(tensor.shape.size())}, tensor.shape), shape);
      write_node(*proto_.add_node(),
                 {"ConstantOfShape", unique_name(name + ".zeros", taken_.nodes), {shape}, {name}, {}});
      return;
    }
    const std::string half = unique_name(name + ".f16", taken_.values);
    *proto_.add_initializer() = to_half_proto(tensor, half);
    write_node(*proto_.add_node(), {"Cast",
                                    unique_name(name + ".cast", taken_.nodes),
                                    {half},
                                    {name},
                                    {{"to", std::int64_t{onnx::TensorProto::FLOAT}}}});
  }

 private:
  const Graph& graph_;
  onnx::GraphProto& proto_;
  TakenNames taken_;
};

// The reduced axes are an input since opset 18, and of ReduceSum since 13.
Graph with_axes_as_inputs(Graph graph, std::int64_t version) {
  for (Node& node : graph.nodes) {
    if (!node.op.starts_with("Reduce") || !node.attributes.contains("axes")) continue;
    if (version < 18 && node.op != "ReduceSum") continue;
    const std::vector<std::int64_t> axes = node.attribute("axes", std::vector<std::int64_t>{});
    std::string name = node.name + ".axes";
    while (graph.initializers.contains(name)) name += "_";
    graph.initializers.emplace(name, Tensor({static_cast<std::int64_t>(axes.size())}, axes));
    node.inputs.push_back(name);
    node.attributes.erase("axes");
  }
  return graph;
}

// In a file, truth values have their own type, and pixels may be uint8: Cast nodes convert between these and floats.
class TypedGraph {
 public:
  explicit TypedGraph(Graph graph) : graph_(std::move(graph)) {
    for (const Input& input : graph_.inputs) values_.insert(input.name);
    for (const auto& [name, tensor] : graph_.initializers) values_.insert(name);
    for (const Node& node : graph_.nodes) {
      values_.insert(node.outputs.begin(), node.outputs.end());
      names_.insert(node.name);
    }
  }

  Graph run() && {
    std::vector<Node> nodes = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (const Input& input : graph_.inputs) {
      if (input.bytes) floats_[input.name] = cast(input.name, input.name + ".float", onnx::TensorProto::FLOAT);
    }
    for (Node& node : nodes) add(std::move(node));
    return std::move(graph_);
  }

 private:
  static bool makes_truths(const Node& node) {
    static const std::unordered_set<std::string_view> kOperators = {"Equal", "Greater", "GreaterOrEqual", "Less",
                                                                    "LessOrEqual"};
    return kOperators.contains(node.op) || takes_truths(node);
  }
  static bool takes_truths(const Node& node) {
    return node.op == "And" || node.op == "Or" || node.op == "Xor" || node.op == "Not";
  }
  static bool takes_truth(const Node& node, std::size_t input) {
    return takes_truths(node) || (node.op == "Where" && input == 0);
  }

  std::string cast(const std::string& from, const std::string& wanted, std::int64_t type) {
    std::string to = unique_name(wanted, values_);
    graph_.nodes.push_back({"Cast", unique_name(to, names_), {from}, {to}, {{"to", type}}});
    return to;
  }

  void add(Node node) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      std::string& value = node.inputs[i];
      if (takes_truth(node, i)) {
        const auto [truth, added] = truths_.try_emplace(value);
        if (added) truth->second = cast(value, value + ".bool", onnx::TensorProto::BOOL);
        value = truth->second;
      } else if (const auto found = floats_.find(value); found != floats_.end()) {
        value = found->second;
      }
    }
    if (!makes_truths(node)) {
      graph_.nodes.push_back(std::move(node));
      return;
    }
    const std::string output = node.outputs.front();
    const std::string truth = unique_name(output + ".bool", values_);
    truths_[output] = node.outputs.front() = truth;
    graph_.nodes.push_back(std::move(node));
    graph_.nodes.push_back({"Cast",
                            unique_name(output + ".float", names_),
                            {truth},
                            {output},
                            {{"to", std::int64_t{onnx::TensorProto::FLOAT}}}});
  }

  Graph graph_;
  std::unordered_set<std::string> values_, names_;
  std::map<std::string, std::string> truths_;  ///< A value -> the same as truth values.
  std::map<std::string, std::string> floats_;  ///< An input of bytes -> the same as floats.
};

// 13 unless an operator of the graph is newer.
std::int64_t needed_opset(const Graph& graph) {
  std::int64_t version = 13;
  for (const Node& node : graph.nodes) {
    static const std::map<std::string_view, std::int64_t> kSince = {{"HardSwish", 14}, {"LayerNormalization", 17}};
    if (const auto since = kSince.find(node.op); since != kSince.end()) version = std::max(version, since->second);
    if (node.op == "AveragePool" && node.attributes.contains("dilations")) {
      unsupported(node, "its dilations cannot be expressed in opset 13, in which files are written");
    }
    if (node.op == "FakeQuantize" && !grid_of(node).is_byte()) version = std::max<std::int64_t>(version, 21);
    if (node.op == "Resize" && node.attributes.contains("antialias")) version = std::max<std::int64_t>(version, 18);
    if (node.op == "Resize" && node.attribute("coordinate_transformation_mode", "") == "half_pixel_symmetric") {
      version = std::max<std::int64_t>(version, 19);
    }
    if (node.op == "Resize" && node.attribute("coordinate_transformation_mode", "") == "tf_half_pixel_for_nn") {
      unsupported(node,
                  "its coordinate_transformation_mode 'tf_half_pixel_for_nn' cannot be expressed in opset 13, in which "
                  "files are written");
    }
    if (node.op == "Pad" && node.attribute("mode", "constant") == "wrap") {
      unsupported(node, "its mode 'wrap' cannot be expressed in opset 13, in which files are written");
    }
  }
  return version;
}

// Sorted, so that equal graphs give equal bytes.
std::vector<std::string> initializers_in_use(const Graph& graph) {
  std::vector<std::string> names;
  std::unordered_set<std::string> seen;
  for (const Node& node : graph.nodes) {
    for (const std::string& value : node.inputs) {
      if (graph.initializers.contains(value) && seen.insert(value).second) names.push_back(value);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

std::string format_onnx(const Graph& given, WeightStorage storage) {
  given.validate();
  const Shapes shapes = infer_shapes(given);
  Graph graph = spelled_out(given, shapes);
  const std::int64_t version = needed_opset(graph);
  graph = TypedGraph(with_axes_as_inputs(std::move(graph), version)).run();

  onnx::ModelProto model;
  model.set_ir_version(version > 20 ? 10 : version > 18 ? 9 : 8);
  model.set_producer_name("einet");
  auto* opset = model.add_opset_import();
  opset->set_domain("");
  opset->set_version(version);
  write_properties(graph, model);

  onnx::GraphProto& proto = *model.mutable_graph();
  proto.set_name(graph.name.empty() ? "network" : graph.name);  // ONNX requires a name.
  for (const Input& input : graph.inputs) {
    write_value_info(*proto.add_input(), input.name, input.shape,
                     input.bytes ? onnx::TensorProto::UINT8 : onnx::TensorProto::FLOAT);
  }
  for (const std::string& output : graph.outputs) {
    Shape shape = shapes.at(output);
    if (!shape.empty() && graph.inputs.front().shape.front() == -1) shape.front() = -1;
    write_value_info(*proto.add_output(), output, shape);
  }
  GraphWriter writer(graph, proto);
  for (const std::string& name : initializers_in_use(graph)) writer.write(name, storage);
  for (const Node& node : graph.nodes) writer.write(node);

  std::string bytes;
  if (model.ByteSizeLong() > std::numeric_limits<int>::max() || !model.SerializeToString(&bytes)) {
    unsupported("network '" + graph.name + "'", "is larger than 2 GiB, the limit of an ONNX file");
  }
  return bytes;
}

void save_onnx(const Graph& graph, const std::filesystem::path& path, WeightStorage storage) {
  std::string bytes;
  try {
    bytes = format_onnx(graph, storage);
  } catch (const Error& error) {
    throw Error(error.kind(), path.string(), error.what());
  }
  io::write_file(path, bytes);
}

}  // namespace einet::graph
