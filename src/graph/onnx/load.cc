// From an ONNX file to a graph. Each step trusts only what the steps before it have checked:
//   1. protobuf parses the bytes: a truncated file ends here;
//   2. opset, inputs, outputs, initializers and nodes are copied, with their sizes checked against the bytes present;
//   3. nodes are sorted (cycles, unknown values), constants folded, operators that EINet lacks listed all at once;
//   4. older forms of operators become those of opset 13, and the shapes of all values are inferred.

#include <onnx/onnx_pb.h>

#include <cmath>
#include <limits>
#include <map>
#include <unordered_set>

#include "einet/core/error.h"
#include "einet/graph/onnx_file.h"
#include "einet/graph/shape_inference.h"
#include "einet/io/file.h"
#include "onnx/fold.h"
#include "onnx/tensor_proto.h"
#include "onnx/upgrade.h"
#include "operators/operator.h"

namespace einet::graph {
namespace {

[[noreturn]] void invalid(const std::string& what, const std::string& why) {
  throw Error(ErrorKind::kInvalidData, what, why);
}

[[noreturn]] void unsupported(const std::string& what, const std::string& why) {
  throw Error(ErrorKind::kUnsupported, what, why);
}

bool is_default_domain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

std::int64_t read_opset(const onnx::ModelProto& model) {
  for (const auto& opset : model.opset_import()) {
    if (!is_default_domain(opset.domain())) continue;
    if (opset.version() < kOldestOpset || opset.version() > kNewestOpset) {
      unsupported("opset " + std::to_string(opset.version()),
                  "only " + std::to_string(kOldestOpset) + " to " + std::to_string(kNewestOpset) + " are supported");
    }
    return opset.version();
  }
  invalid("model", "declares no opset of the standard operators");
}

Shape read_input_shape(const onnx::ValueInfoProto& info, const std::string& what) {
  if (!info.type().has_tensor_type()) unsupported(what, "is no tensor");
  const auto& type = info.type().tensor_type();
  if (!is_float_type(type.elem_type())) unsupported(what, "is no float tensor");
  if (!type.has_shape() || type.shape().dim_size() == 0) invalid(what, "has no shape");
  Shape shape;
  for (const auto& dimension : type.shape().dim()) {
    const bool fixed = dimension.has_dim_value() && dimension.dim_value() > 0;
    if (!fixed && !shape.empty()) {
      const std::string name = dimension.dim_param().empty() ? "" : " ('" + dimension.dim_param() + "')";
      unsupported(what, "dimension " + std::to_string(shape.size()) + name +
                            " has no fixed size; only the first, the batch size, may vary");
    }
    shape.push_back(fixed ? dimension.dim_value() : -1);
  }
  return shape;
}

void read_inputs(const onnx::GraphProto& proto, Graph& graph) {
  std::vector<const onnx::ValueInfoProto*> infos;
  std::string names;
  for (const auto& info : proto.input()) {
    if (graph.initializers.contains(info.name())) continue;  // The initializer is its default: it need not be given.
    names.append(names.empty() ? "'" : ", '").append(info.name()).append("'");
    infos.push_back(&info);
  }
  if (infos.size() > 1) unsupported("inputs " + names, "only one is supported");
  for (const auto* info : infos) {
    graph.inputs.push_back({info->name(), read_input_shape(*info, "input '" + info->name() + "'")});
  }
}

void read_initializers(const onnx::GraphProto& proto, Graph& graph) {
  if (proto.sparse_initializer_size() > 0) unsupported("sparse initializers", "are not supported");
  for (const auto& tensor : proto.initializer()) {
    const std::string what = "initializer '" + tensor.name() + "'";
    if (tensor.name().empty()) invalid("initializer", "has no name");
    if (!graph.initializers.emplace(tensor.name(), from_proto(tensor, what)).second) invalid(what, "exists twice");
  }
}

// Nothing where the attribute is of a kind that only operators outside our set have, such as a subgraph.
bool read_attribute(const onnx::AttributeProto& proto, const Node& node, Attribute& value) {
  switch (proto.type()) {
    case onnx::AttributeProto::FLOAT:
      if (std::isnan(proto.f())) invalid(describe(node), "the attribute '" + proto.name() + "' is NaN");
      value = proto.f();
      return true;
    case onnx::AttributeProto::INT:
      value = std::int64_t{proto.i()};
      return true;
    case onnx::AttributeProto::STRING:
      value = proto.s();
      return true;
    case onnx::AttributeProto::FLOATS:
      value = std::vector<float>(proto.floats().begin(), proto.floats().end());
      return true;
    case onnx::AttributeProto::INTS:
      value = std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end());
      return true;
    case onnx::AttributeProto::TENSOR:
      value = from_proto(proto.t(), describe(node) + " attribute '" + proto.name() + "'");
      return true;
    default:
      return false;
  }
}

// Exporters leave names empty or repeat them; the graph needs them unique.
std::string unique_name(const onnx::NodeProto& proto, int index, std::unordered_set<std::string>& taken) {
  std::string suffix("_");
  suffix += std::to_string(index);
  std::string name = proto.name().empty() ? proto.op_type() + suffix : proto.name();
  while (!taken.insert(name).second) name += suffix;
  return name;
}

void read_nodes(const onnx::GraphProto& proto, Graph& graph) {
  std::unordered_set<std::string> names;
  for (int i = 0; i < proto.node_size(); ++i) {
    const onnx::NodeProto& source = proto.node(i);
    Node node;
    node.op = is_default_domain(source.domain()) ? source.op_type() : source.domain() + "." + source.op_type();
    node.name = unique_name(source, i, names);
    node.inputs.assign(source.input().begin(), source.input().end());
    while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
    node.outputs.assign(source.output().begin(), source.output().end());
    while (!node.outputs.empty() && node.outputs.back().empty()) node.outputs.pop_back();
    const bool known = find_operator(node.op) != nullptr || node.op == "Constant" || node.op == "Cast";
    for (const auto& attribute : source.attribute()) {
      if (!known) break;  // It will be refused by name.
      if (!read_attribute(attribute, node, node.attributes[attribute.name()])) {
        unsupported(describe(node), "the attribute '" + attribute.name() + "' is of a kind that is not supported");
      }
    }
    graph.nodes.push_back(std::move(node));
  }
}

void refuse_unsupported_operators(const Graph& graph) {
  constexpr std::size_t kMostNames = 5;
  std::map<std::string, std::vector<std::string>> unknown;
  for (const Node& node : graph.nodes) {
    if (find_operator(node.op) == nullptr) unknown[node.op].push_back(node.name);
  }
  if (unknown.empty()) return;
  std::string list;
  for (const auto& [op, nodes] : unknown) {
    list += (list.empty() ? "" : "; ") + op + " (";
    for (std::size_t i = 0; i < nodes.size() && i < kMostNames; ++i) {
      list.append(i == 0 ? "node '" : ", '").append(nodes[i]).append("'");
    }
    if (nodes.size() > kMostNames) list += " and " + std::to_string(nodes.size() - kMostNames) + " more";
    list += ")";
  }
  unsupported("unsupported operators", list);
}

Graph to_graph(const onnx::ModelProto& model) {
  if (!model.has_graph() || model.graph().node_size() == 0) invalid("model", "has no graph");
  const std::int64_t opset = read_opset(model);
  const onnx::GraphProto& proto = model.graph();
  Graph graph;
  graph.name = proto.name();
  read_initializers(proto, graph);
  read_inputs(proto, graph);
  read_nodes(proto, graph);
  for (const auto& output : proto.output()) graph.outputs.push_back(output.name());

  sort_topologically(graph);
  fold_constants(graph);
  refuse_unsupported_operators(graph);
  upgrade_to_opset_13(graph, opset);
  graph.validate();
  infer_shapes(graph);
  check_old_softmax(graph, opset);
  return graph;
}

// One line of bounded length, whatever names the file contains.
std::string printable(std::string message) {
  constexpr std::size_t kLongest = 2000;
  if (message.size() > kLongest) message.replace(kLongest, std::string::npos, "...");
  for (char& letter : message) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = '?';
  }
  return message;
}

}  // namespace

Graph parse_onnx(std::string_view bytes, std::string_view name) {
  onnx::ModelProto model;
  if (bytes.size() > std::numeric_limits<int>::max()) {
    throw Error(ErrorKind::kUnsupported, name, "is larger than 2 GiB");
  }
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw Error(ErrorKind::kInvalidData, name, "is truncated or no ONNX model");
  }
  try {
    return to_graph(model);
  } catch (const Error& error) {
    throw Error(error.kind(), name, printable(error.what()));
  }
}

Graph load_onnx(const std::filesystem::path& path) { return parse_onnx(io::read_file(path), path.string()); }

}  // namespace einet::graph
