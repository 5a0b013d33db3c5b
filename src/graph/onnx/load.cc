// From an ONNX file to a graph. Each step relies only on what earlier steps have checked:
//   1. protobuf parses the bytes, and rejects a truncated file;
//   2. functions are replaced by the nodes of their bodies;
//   3. opset, inputs, outputs, initializers and nodes are copied, with their sizes checked against the bytes present;
//   4. nodes are sorted (cycles, unknown values), constants are folded, all unsupported operators are listed in one
//   error;
//   5. other forms of operators are converted to those of opset 13, everything that depends on shapes is resolved, and
//   the
//      shapes of all values are inferred.

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_set>

#include "einet/error.h"
#include "graph/faults.h"
#include "graph/onnx/branches.h"
#include "graph/onnx/channels_first.h"
#include "graph/onnx/element_types.h"
#include "graph/onnx/evaluate.h"
#include "graph/onnx/fold.h"
#include "graph/onnx/functions.h"
#include "graph/onnx/hints.h"
#include "graph/onnx/properties.h"
#include "graph/onnx/quantization.h"
#include "graph/onnx/quantized_pairs.h"
#include "graph/onnx/recognize.h"
#include "graph/onnx/settle.h"
#include "graph/onnx/tensor_proto.h"
#include "graph/onnx/unique_name.h"
#include "graph/onnx/upgrade.h"
#include "graph/onnx_file.h"
#include "graph/operators/operator.h"
#include "graph/shape_inference.h"
#include "io/file.h"

namespace einet::graph {
namespace {

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

// "3x?x?" for the declared dimensions after the batch.
std::string declared(const onnx::TensorShapeProto& shape) {
  std::string text;
  for (int i = 1; i < shape.dim_size(); ++i) {
    if (i > 1) text += 'x';
    text += shape.dim(i).dim_value() > 0 ? std::to_string(shape.dim(i).dim_value()) : "?";
  }
  return text;
}

// The shape given by the user, with or without the batch, if the declared one allows it.
Shape given_shape(const onnx::TensorShapeProto& declared_shape, const Shape& given, const std::string& what) {
  const auto rank = static_cast<std::size_t>(declared_shape.dim_size());
  const auto refuse = [&] {
    throw Error(ErrorKind::kUsage, what,
                "has the shape " + declared(declared_shape) + " after the batch, which " + to_string(given) +
                    " does not match");
  };
  if (given.size() != rank && given.size() + 1 != rank) refuse();
  Shape shape = given;
  if (given.size() + 1 == rank) {
    const std::int64_t batch = declared_shape.dim(0).dim_value();
    shape.insert(shape.begin(), batch > 0 ? batch : -1);
  }
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t size = declared_shape.dim(static_cast<int>(i)).dim_value();
    if (size > 0 && size != shape[i]) refuse();
  }
  return shape;
}

Shape read_input_shape(const onnx::ValueInfoProto& info, const Shape& given, const std::string& what) {
  if (!info.type().has_tensor_type()) unsupported(what, "is not a tensor");
  const auto& type = info.type().tensor_type();
  if (!is_float_type(type.elem_type()) && type.elem_type() != onnx::TensorProto::UINT8) {
    unsupported(what, "is not a float tensor, nor one of uint8");
  }
  if (!type.has_shape() && given.size() > 1) return given;
  if (!type.has_shape() || type.shape().dim_size() == 0) invalid(what, "has no shape");
  if (!given.empty()) return given_shape(type.shape(), given, what);
  Shape shape;
  for (const auto& dimension : type.shape().dim()) {
    const bool fixed = dimension.has_dim_value() && dimension.dim_value() > 0;
    if (!fixed && !shape.empty()) {
      const std::string name = dimension.dim_param().empty() ? "" : " ('" + dimension.dim_param() + "')";
      unsupported(what,
                  "dimension " + std::to_string(shape.size()) + name +
                      " has no fixed size; only the first, the batch size, may vary: give the others with --shape (" +
                      declared(type.shape()) + ")");
    }
    shape.push_back(fixed ? dimension.dim_value() : -1);
  }
  return shape;
}

void read_input_names(const onnx::GraphProto& proto, Graph& graph) {
  for (const auto& info : proto.input()) {
    if (graph.initializers.contains(info.name())) continue;  // The initializer is its default value.
    graph.inputs.push_back({info.name(), {}});
  }
}

// Keeps only the input that the network reads. Unneeded nodes have already been removed.
void choose_input(const onnx::GraphProto& proto, const Shape& given, Graph& graph) {
  std::unordered_set<std::string_view> read;
  for (const Node& node : graph.nodes) read.insert(node.inputs.begin(), node.inputs.end());
  if (graph.inputs.size() > 1) {
    std::erase_if(graph.inputs, [&](const Input& input) { return !read.contains(input.name); });
    if (graph.inputs.empty()) invalid("network", "reads none of its inputs");
  }
  if (graph.inputs.size() > 1) {
    std::string names;
    for (const Input& input : graph.inputs) names.append(names.empty() ? "'" : ", '").append(input.name).append("'");
    unsupported("inputs " + names,
                "only one is supported, but the network reads " + std::to_string(graph.inputs.size()));
  }
  for (const auto& info : proto.input()) {
    if (graph.inputs.empty() || info.name() != graph.inputs.front().name) continue;
    graph.inputs.front().shape = read_input_shape(info, given, "input '" + info.name() + "'");
    graph.inputs.front().bytes = info.type().tensor_type().elem_type() == onnx::TensorProto::UINT8;
  }
}

void read_initializers(const onnx::GraphProto& proto, const std::filesystem::path& folder, Graph& graph) {
  if (proto.sparse_initializer_size() > 0) unsupported("sparse initializers", "are not supported");
  for (const auto& tensor : proto.initializer()) {
    const std::string what = "initializer '" + tensor.name() + "'";
    if (tensor.name().empty()) invalid("initializer", "has no name");
    if (!graph.initializers.emplace(tensor.name(), from_proto(tensor, what, folder)).second)
      invalid(what, "is defined twice");
  }
}

// False for kinds of attributes that only unsupported operators have, such as a subgraph.
bool read_attribute(const onnx::AttributeProto& proto, const Node& node, Attribute& value) {
  switch (proto.type()) {
    case onnx::AttributeProto::FLOAT:
      if (std::isnan(proto.f())) invalid(node, "the attribute '" + proto.name() + "' is NaN");
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

// Exporters leave names empty or repeat them; in a graph they must be unique.
std::string node_name(const onnx::NodeProto& proto, int index, std::unordered_set<std::string>& taken) {
  std::string suffix("_");
  suffix += std::to_string(index);
  return unique_name(proto.name().empty() ? proto.op_type() + suffix : proto.name(), taken, suffix);
}

// ONNX Runtime had 16-bit QuantizeLinear and DequantizeLinear before ONNX, as operators of its own domain.
bool is_standard(const onnx::NodeProto& node) {
  if (is_default_domain(node.domain())) return true;
  return node.domain() == "com.microsoft" &&
         (node.op_type() == "QuantizeLinear" || node.op_type() == "DequantizeLinear");
}

// Converts a CastLike to a Cast to the type of its second input.
void become_cast(Node& node, const ElementTypes& types) {
  const auto found = node.inputs.size() == 2 ? types.find(node.inputs[1]) : types.end();
  if (found == types.end()) return;  // Reported later as an unsupported operator.
  node.op = "Cast";
  node.inputs.pop_back();
  node.attributes = {{"to", std::int64_t{found->second}}};
}

// Data shared by all nodes of a file, including those in branches.
struct NodeContext {
  const std::filesystem::path& folder;
  ElementTypes types;
  std::unordered_set<std::string> names = {};
  BranchesByNode branches = {};
};

void read_nodes(const onnx::GraphProto& proto, NodeContext& context, Graph& graph);

void read_branch(const onnx::GraphProto& proto, NodeContext& context, Graph& branch, Node& node) {
  read_initializers(proto, context.folder, branch);
  read_nodes(proto, context, branch);
  for (const auto& output : proto.output()) branch.outputs.push_back(output.name());
  for (std::string& value : captured(branch)) node.inputs.push_back(std::move(value));
}

void read_nodes(const onnx::GraphProto& proto, NodeContext& context, Graph& graph) {
  for (int i = 0; i < proto.node_size(); ++i) {
    const onnx::NodeProto& source = proto.node(i);
    Node node;
    node.op = is_standard(source) ? source.op_type() : source.domain() + "." + source.op_type();
    node.name = node_name(source, i, context.names);
    node.inputs.assign(source.input().begin(), source.input().end());
    while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
    node.outputs.assign(source.output().begin(), source.output().end());
    while (!node.outputs.empty() && node.outputs.back().empty()) node.outputs.pop_back();
    if (node.op == "If") {
      node.inputs.resize(1);
      Branches both;
      read_branch(branch_of(source, "then_branch"), context, both.yes, node);
      read_branch(branch_of(source, "else_branch"), context, both.no, node);
      context.branches.emplace(node.name, std::move(both));
      graph.nodes.push_back(std::move(node));
      continue;
    }
    const bool known =
        find_operator(node.op) != nullptr || is_gone_after_loading(node.op) || is_quantized_operator(node.op);
    for (const auto& attribute : source.attribute()) {
      if (!known) break;  // Reported later as an unsupported operator.
      if (!read_attribute(attribute, node, node.attributes[attribute.name()])) {
        unsupported(node, "the attribute '" + attribute.name() + "' has an unsupported type");
      }
    }
    if (node.op == "CastLike") become_cast(node, context.types);
    note_output_type(node, context.types);
    graph.nodes.push_back(std::move(node));
  }
}

// "GRU (1 node: 'a'), LSTM (2 nodes: 'b', 'c'): hint; Det (1 node: 'd')": all operators, grouped by hint_for().
std::string listed(const std::map<std::string, std::vector<std::string>>& nodes_by_operator) {
  constexpr std::size_t kMostNames = 3;
  std::map<std::string, std::string> by_hint;
  for (const auto& [op, nodes] : nodes_by_operator) {
    std::string& list = by_hint[hint_for(op)];
    list.append(list.empty() ? "" : ", ").append(op).append(" (").append(std::to_string(nodes.size()));
    list.append(nodes.size() == 1 ? " node: " : " nodes: ");
    for (std::size_t i = 0; i < nodes.size() && i < kMostNames; ++i) {
      list.append(i == 0 ? "'" : ", '").append(nodes[i]).append("'");
    }
    list.append(nodes.size() > kMostNames ? ", …)" : ")");
  }
  std::string result;
  for (const auto& [hint, list] : by_hint) {
    result.append(result.empty() ? "" : "; ").append(list).append(hint.empty() ? "" : ": ").append(hint);
  }
  return result;
}

// Unsupported operators, and those that are supported only on shapes and constants but read other values.
void refuse_unsupported_operators(const Graph& graph) {
  constexpr std::array kRewritten = {"Split", "Squeeze", "Unsqueeze",    "Upsample",     "Cast",
                                     "Sum",   "Mean",    "DepthToSpace", "SpaceToDepth", "Einsum"};
  std::map<std::string, std::vector<std::string>> unknown;
  std::unordered_set<std::string_view> computed;  // From shapes and constants only.
  for (const Node& node : graph.nodes) {
    const bool of_constants = std::ranges::all_of(node.inputs, [&](const std::string& value) {
      return value.empty() || computed.contains(value) || graph.constant(value) != nullptr;
    });
    const bool shape = node.op == "Shape" || node.op == "Size";
    const bool rewritten = std::ranges::find(kRewritten, node.op) != kRewritten.end();
    const bool at_load = is_gone_after_loading(node.op);
    if (shape || of_constants) computed.insert(node.outputs.begin(), node.outputs.end());
    const bool own = node.op == "FakeQuantize";  // Only made from QuantizeLinear and DequantizeLinear.
    if (!own && (find_operator(node.op) != nullptr || is_quantized_operator(node.op))) continue;
    // Its other inputs are the values that its branches read.
    const bool decided = node.op == "If" && !node.inputs.empty() &&
                         (computed.contains(node.inputs.front()) || graph.constant(node.inputs.front()) != nullptr);
    if (at_load && (shape || of_constants || rewritten || decided)) continue;
    unknown[node.op].push_back(node.name);
  }
  if (unknown.empty()) return;
  unsupported("unsupported operators", listed(unknown));
}

// Notes the number of nodes after each step of loading.
class LoadNotes {
 public:
  LoadNotes(const Graph& graph, PassNotes* notes) : graph_(graph), notes_(notes), before_(graph.nodes.size()) {}

  void add(const std::string& pass, const std::string& did) {
    const std::size_t now = graph_.nodes.size();
    if (notes_ != nullptr) {
      notes_->push_back({pass, std::to_string(before_) + " nodes became " + std::to_string(now) + ": " + did});
    }
    before_ = now;
  }

 private:
  const Graph& graph_;
  PassNotes* notes_;
  std::size_t before_;
};

Graph to_graph(onnx::ModelProto& model, const std::filesystem::path& folder, const LoadOptions& options) {
  if (!model.has_graph() || model.graph().node_size() == 0) invalid("model", "has no graph");
  const std::int64_t opset = read_opset(model);
  inline_functions(model);
  name_apart(*model.mutable_graph());
  const onnx::GraphProto& proto = model.graph();
  Graph graph;
  graph.name = proto.name();
  read_initializers(proto, folder, graph);
  read_input_names(proto, graph);
  NodeContext context{folder, element_types(proto)};
  read_nodes(proto, context, graph);
  for (const auto& output : proto.output()) graph.outputs.push_back(output.name());
  read_properties(model, graph);

  LoadNotes notes(graph, options.notes);
  sort_topologically(graph);
  fold_constants(graph);
  notes.add("constant folding", "constants and their casts became initializers");
  remove_dead_nodes(graph);
  notes.add("dead code", "nodes that no output needs were removed");
  refuse_unsupported_operators(graph);
  choose_input(proto, options.input_shape, graph);
  upgrade_to_opset_13(graph, opset);
  for (auto& [name, branches] : context.branches) {
    upgrade_to_opset_13(branches.yes, opset);
    upgrade_to_opset_13(branches.no, opset);
  }
  pair_quantization(graph, context.types);
  settle(graph, opset, context.types, context.branches);
  std::erase_if(graph.quantized, [&](const auto& entry) { return !graph.initializers.contains(entry.first); });
  notes.add("shapes",
            "values that depend only on shapes were computed; Split, Squeeze, Unsqueeze and casts were rewritten");
  graph.validate();
  infer_shapes(graph);
  recognize(graph);
  const bool turned = options.channels_first && make_channels_first(graph);
  notes.add("recognition", "Gelu, Mish, Swish, layer and group normalisation became single operators");
  if (turned) notes.add("layout", "the input [N,H,W,C] became [N,C,H,W]");
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

Graph parse(std::string_view bytes, std::string_view name, const std::filesystem::path& folder,
            const LoadOptions& options) {
  onnx::ModelProto model;
  if (bytes.size() > std::numeric_limits<int>::max()) {
    unsupported(name, "is larger than 2 GiB");
  }
  if (!model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    invalid(name, "is truncated or not an ONNX model");
  }
  try {
    return to_graph(model, folder, options);
  } catch (const Error& error) {
    throw Error(error.kind(), name, printable(error.what()));
  }
}

}  // namespace

Graph parse_onnx(std::string_view bytes, std::string_view name, const LoadOptions& options) {
  return parse(bytes, name, {}, options);
}

Graph load_onnx(const std::filesystem::path& path, const LoadOptions& options) {
  const std::filesystem::path folder = path.parent_path();
  return parse(io::read_file(path), path.string(), folder.empty() ? "." : folder, options);
}

}  // namespace einet::graph
