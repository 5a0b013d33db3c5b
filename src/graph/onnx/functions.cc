#include "graph/onnx/functions.h"

#include <google/protobuf/unknown_field_set.h>

#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graph/faults.h"

namespace einet::graph {
namespace {

using Names = std::unordered_map<std::string, std::string>;

// A file of a few bytes may describe a huge number of nested calls.
constexpr int kMostNodes = 200'000, kDeepest = 32;
constexpr std::size_t kMostBytes = std::size_t{64} << 20;

// The default values of a function's attributes. The ONNX library of Debian 12 does not have this field yet; there it
// is an unknown field.
template <class Function>
std::vector<onnx::AttributeProto> defaults(const Function& function) {
  if constexpr (requires { function.attribute_proto(); }) {
    return {function.attribute_proto().begin(), function.attribute_proto().end()};
  } else {
    std::vector<onnx::AttributeProto> result;
    constexpr int kAttributeProto = 11;
    const google::protobuf::UnknownFieldSet& unknown = function.unknown_fields();
    for (int i = 0; i < unknown.field_count(); ++i) {
      const google::protobuf::UnknownField& field = unknown.field(i);
      if (field.number() != kAttributeProto || field.type() != google::protobuf::UnknownField::TYPE_LENGTH_DELIMITED)
        continue;
      if (!result.emplace_back().ParseFromString(field.length_delimited())) {
        invalid("function '" + function.name() + "'", "has a broken attribute");
      }
    }
    return result;
  }
}

std::string domain_of(const std::string& domain) { return domain == "ai.onnx" ? "" : domain; }

class Inliner {
 public:
  explicit Inliner(onnx::ModelProto& model) : model_(model) {
    for (const auto& function : model.functions()) {
      if (!functions_.emplace(std::pair(domain_of(function.domain()), function.name()), &function).second) {
        unsupported("function '" + function.name() + "'", "is defined twice; overloads are not supported");
      }
    }
  }

  void run() { inline_calls(*model_.mutable_graph(), 0); }

 private:
  using NodeList = google::protobuf::RepeatedPtrField<onnx::NodeProto>;

  const onnx::FunctionProto* function_of(const onnx::NodeProto& node) const {
    const auto found = functions_.find({domain_of(node.domain()), node.op_type()});
    return found == functions_.end() ? nullptr : found->second;
  }

  void inline_calls(onnx::GraphProto& graph, int depth) {
    NodeList nodes;
    nodes.Swap(graph.mutable_node());
    for (onnx::NodeProto& node : nodes) add(std::move(node), *graph.mutable_node(), depth);
  }

  void add(onnx::NodeProto node, NodeList& to, int depth) {
    if (depth > kDeepest) invalid("function '" + node.op_type() + "'", "is called too deeply, or by itself");
    if (++nodes_ > kMostNodes) unsupported("functions", "have more than " + std::to_string(kMostNodes) + " nodes");
    const onnx::FunctionProto* function = function_of(node);
    if (function != nullptr) return call(*function, node, to, depth);
    for (auto& attribute : *node.mutable_attribute()) {
      if (attribute.type() == onnx::AttributeProto::GRAPH) inline_calls(*attribute.mutable_g(), depth + 1);
    }
    to.Add(std::move(node));
  }

  // A body must use the operator versions of the model; otherwise its nodes could not be interpreted.
  void check_opsets(const onnx::FunctionProto& function) const {
    for (const auto& own : function.opset_import()) {
      for (const auto& whole : model_.opset_import()) {
        if (domain_of(own.domain()).empty() && domain_of(whole.domain()).empty() && own.version() != whole.version()) {
          unsupported("function '" + function.name() + "'", "uses opset " + std::to_string(own.version()) +
                                                                ", but the model opset " +
                                                                std::to_string(whole.version()));
        }
      }
    }
  }

  void call(const onnx::FunctionProto& function, const onnx::NodeProto& node, NodeList& to, int depth) {
    check_opsets(function);
    if (node.input_size() > function.input_size() || node.output_size() > function.output_size()) {
      invalid("node '" + node.name() + "'", "passes more inputs than function '" + function.name() + "' has");
    }
    const std::string prefix =
        (node.name().empty() ? function.name() : node.name()) + "." + std::to_string(++calls_) + ".";
    Names names;
    for (int i = 0; i < function.input_size(); ++i)
      names[function.input(i)] = i < node.input_size() ? node.input(i) : "";
    for (int i = 0; i < function.output_size(); ++i) {
      if (i < node.output_size() && !node.output(i).empty()) names[function.output(i)] = node.output(i);
    }
    // An input that is also an output: a node has to produce it.
    for (int i = 0; i < function.output_size() && i < node.output_size(); ++i) {
      for (int k = 0; k < function.input_size(); ++k) {
        if (function.output(i) != function.input(k)) continue;
        names[function.input(k)] = k < node.input_size() ? node.input(k) : "";
        onnx::NodeProto same;
        same.set_op_type("Identity");
        same.set_name(prefix + "output" + std::to_string(i));
        same.add_input(names[function.input(k)]);
        same.add_output(node.output(i));
        to.Add(std::move(same));
      }
    }
    for (const onnx::NodeProto& inner : function.node()) {
      onnx::NodeProto copy = inner;
      fill_in(copy, function, node, prefix, names);
      bytes_ += copy.ByteSizeLong();
      if (bytes_ > kMostBytes) unsupported("functions", "have bodies that are too large");
      add(std::move(copy), to, depth + 1);
    }
  }

  // Substitutes names and attributes of the call in a node of the body. Values defined in the body get new names.
  void fill_in(onnx::NodeProto& copy, const onnx::FunctionProto& function, const onnx::NodeProto& node,
               const std::string& prefix, Names& names) const {
    const auto rename = [&](std::string& value) {
      if (value.empty()) return;
      value = names.try_emplace(value, prefix + value).first->second;
    };
    copy.set_name(prefix + copy.name());
    for (std::string& value : *copy.mutable_input()) rename(value);
    for (std::string& value : *copy.mutable_output()) rename(value);
    google::protobuf::RepeatedPtrField<onnx::AttributeProto> attributes;
    attributes.Swap(copy.mutable_attribute());
    for (onnx::AttributeProto& attribute : attributes) {
      if (!attribute.ref_attr_name().empty()) {
        std::optional<onnx::AttributeProto> given = attribute_of(node, function, attribute.ref_attr_name());
        if (!given) continue;  // If absent, the operator's default applies.
        onnx::AttributeProto value = std::move(*given);
        value.set_name(attribute.name());
        *copy.add_attribute() = std::move(value);
        continue;
      }
      if (attribute.type() == onnx::AttributeProto::GRAPH) {
        fill_in(*attribute.mutable_g(), function, node, prefix, names);
      }
      copy.mutable_attribute()->Add(std::move(attribute));
    }
  }

  void fill_in(onnx::GraphProto& body, const onnx::FunctionProto& function, const onnx::NodeProto& node,
               const std::string& prefix, Names& names) const {
    for (auto& tensor : *body.mutable_initializer()) {
      tensor.set_name(names.try_emplace(tensor.name(), prefix + tensor.name()).first->second);
    }
    for (onnx::NodeProto& inner : *body.mutable_node()) fill_in(inner, function, node, prefix, names);
    for (auto& output : *body.mutable_output()) {
      output.set_name(names.try_emplace(output.name(), prefix + output.name()).first->second);
    }
  }

  static std::optional<onnx::AttributeProto> attribute_of(const onnx::NodeProto& node,
                                                          const onnx::FunctionProto& function,
                                                          const std::string& name) {
    for (const auto& attribute : node.attribute()) {
      if (attribute.name() == name) return attribute;
    }
    for (auto& attribute : defaults(function)) {
      if (attribute.name() == name) return std::move(attribute);
    }
    return std::nullopt;
  }

  onnx::ModelProto& model_;
  std::map<std::pair<std::string, std::string>, const onnx::FunctionProto*> functions_;
  int nodes_ = 0, calls_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace

void inline_functions(onnx::ModelProto& model) {
  if (model.functions_size() > 0) Inliner(model).run();
}

}  // namespace einet::graph
