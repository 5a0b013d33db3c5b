// Goes through the nodes in order with the shapes of all values known: nodes that depend only on constants and shapes
// are evaluated, other nodes are converted to the operators of shape_inference.h.

#include "graph/onnx/settle_batch.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "einet/error.h"
#include "graph/faults.h"
#include "graph/onnx/casts.h"
#include "graph/onnx/einsum.h"
#include "graph/onnx/evaluate.h"
#include "graph/onnx/opset_forms.h"
#include "graph/onnx/quantization.h"
#include "graph/onnx/rewriting.h"
#include "graph/onnx/space_depth.h"
#include "graph/onnx/tensor_proto.h"
#include "graph/onnx/unique_name.h"
#include "graph/operators/operator.h"

namespace einet::graph {
namespace {

using Ints = std::vector<std::int64_t>;

class BatchSettler {
 public:
  BatchSettler(Graph& graph, std::int64_t opset, const ElementTypes& types, const BranchesByNode& branches,
               std::int64_t batch, const std::unordered_set<std::string>& folded_before)
      : graph_(graph),
        opset_(opset),
        types_(types),
        branches_(branches),
        outputs_(graph.outputs.begin(), graph.outputs.end()),
        folded_before_(folded_before) {
    for (const Input& input : graph.inputs) {
      Shape shape = input.shape;
      if (shape.front() == -1) shape.front() = batch;
      names_.insert(input.name);
      result_.shapes[input.name] = std::move(shape);
    }
    note_names(graph);
    for (const auto& [name, both] : branches) {
      note_names(both.yes);
      note_names(both.no);
    }
  }

  // Constants that do not depend on a shape remain in the graph; the others are removed from it again.
  SettledBatch run() && {
    try {
      for (const Node& node : graph_.nodes) settle(node);
    } catch (const Error&) {
      take_out_constants_of_shapes();
      for (const std::string& name : result_.folded) graph_.initializers.erase(name);
      throw;
    }
    take_out_constants_of_shapes();
    return std::move(result_);
  }

 private:
  // Replaces a node by several; each node added is settled at once.
  class Rewriter final : public Rewriting {
   public:
    Rewriter(BatchSettler& settling, const Node& node) : settling_(settling), node_(node) {}
    const Node& node() const override { return node_; }
    Shape shape(std::size_t i) const override { return settling_.shape(node_, i); }
    const Tensor* constant(std::size_t i) const override { return settling_.constant(node_, i); }
    std::string add_constant(const std::string& key, Tensor value) override {
      std::string name = unique_name(node_.name + "." + key, settling_.names_);
      settling_.add_constant(node_, name, std::move(value), true);
      return name;
    }
    std::string add(const std::string& key, const std::string& op, std::vector<std::string> inputs,
                    std::map<std::string, Attribute> attributes) override {
      std::string output = unique_name(node_.name + "." + key, settling_.names_);
      const std::string name = unique_name(node_.name + "." + key, settling_.node_names_);
      settling_.settle_made({op, name, std::move(inputs), {output}, std::move(attributes)});
      return output;
    }
    void add_output(std::size_t i, const std::string& op, std::vector<std::string> inputs,
                    std::map<std::string, Attribute> attributes) override {
      if (node_.outputs[i].empty()) return;
      const std::string name =
          i == 0 ? node_.name : unique_name(node_.name + "." + std::to_string(i), settling_.node_names_);
      settling_.settle_made({op, name, std::move(inputs), {node_.outputs[i]}, std::move(attributes)});
    }

   private:
    BatchSettler& settling_;
    const Node& node_;
  };

  void note_names(const Graph& graph) {
    for (const auto& [name, tensor] : graph.initializers) names_.insert(name);
    for (const Node& node : graph.nodes) {
      names_.insert(node.outputs.begin(), node.outputs.end());
      node_names_.insert(node.name);
    }
  }

  void take_out_constants_of_shapes() {
    for (const std::string& name : of_shapes_) result_.constants.insert(graph_.initializers.extract(name));
  }

  Shape shape(const Node& node, std::size_t i) const {
    if (i >= node.inputs.size() || node.inputs[i].empty()) invalid(node, "has no input " + std::to_string(i + 1));
    const std::string& value = node.inputs[i];
    if (const Tensor* constant = graph_.constant(value)) return constant->shape;
    return computed_shape(node, value);
  }

  const Shape& computed_shape(const Node& node, const std::string& value) const {
    const auto found = result_.shapes.find(value);
    if (found == result_.shapes.end()) invalid(node, "reads '" + value + "', which nothing before it produces");
    return found->second;
  }

  const Tensor* constant(const Node& node, std::size_t i) const {
    return i < node.inputs.size() && !node.inputs[i].empty() ? graph_.constant(node.inputs[i]) : nullptr;
  }

  void add_constant(const Node& node, const std::string& name, Tensor value, bool of_shapes) {
    const bool is_new = graph_.initializers.emplace(name, std::move(value)).second;
    if (!is_new) invalid(node, "produces '" + name + "', which exists already");
    (of_shapes ? of_shapes_ : result_.folded).insert(name);
  }

  // Adds a list of integers as a new constant and returns its name.
  std::string add_list(const Node& node, const std::string& key, Ints values) {
    std::string name = unique_name(node.name + "." + key, names_);
    const auto count = static_cast<std::int64_t>(values.size());
    add_constant(node, name, Tensor({count}, std::move(values)), true);
    return name;
  }

  void keep(Node node) {
    Shape shape = infer_node(graph_, node, [&](const std::string& value) { return computed_shape(node, value); });
    check_result(node, shape);
    result_.shapes[node.outputs.front()] = std::move(shape);
    result_.nodes.push_back(std::move(node));
  }

  bool fold(const Node& node) {
    if ((node.op == "Shape" || node.op == "Size") && node.inputs.size() == 1) {
      const Shape of = shape(node, 0);
      add_constant(node, node.outputs.front(),
                   node.op == "Shape" ? evaluate_shape(node, of) : Tensor({}, Ints{element_count(of)}), true);
      return true;
    }
    std::vector<const Tensor*> inputs;
    bool of_shapes = false;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      inputs.push_back(constant(node, i));
      if (inputs.back() == nullptr && !node.inputs[i].empty()) return false;
      of_shapes |= of_shapes_.contains(node.inputs[i]);
    }
    std::optional<Tensor> value = evaluate(node, inputs);
    if (!value) return false;
    add_constant(node, node.outputs.front(), std::move(*value), of_shapes);
    return true;
  }

  // A node of the file.
  void settle(Node node) {
    const int type = type_of(node, 0);
    for (std::string& value : node.inputs) resolve(value);
    if (node.outputs.empty()) invalid(node, "has no output");
    if (folded_before_.contains(node.outputs.front()) || fold(node)) return;
    if (is_integer_type(type)) {
      refuse_wrapping(node, type);
      if (node.op == "Div") {
        Rewriter rewriter(*this, node);
        return rewrite_integer_division(rewriter);
      }
    }
    settle_made(std::move(node));
  }

  // The same for a node whose arithmetic is all in float.
  void settle_made(Node node) {
    if (fold(node)) return;
    make_constants_float(node);
    if (node.op == "Cast") return cast(std::move(node));
    if (node.op == "If") return take_branch(node);
    if (node.op == "Einsum") return einsum(node);
    Rewriter rewriter(*this, node);
    if (is_quantized_operator(node.op)) return rewrite_quantized(rewriter);
    if (node.op == "DepthToSpace" || node.op == "SpaceToDepth") return rewrite_space_depth(rewriter);
    if (node.op == "Split") return rewrite_split(rewriter);
    const bool is_softmax = node.op == "Softmax" || node.op == "LogSoftmax";
    if (is_softmax && opset_ < 13 && is_old_softmax(rewriter)) return rewrite_old_softmax(rewriter);
    keep(in_form_of_opset_13(rewriter, opset_));
  }

  int type_of(const Node& node, std::size_t i) const {
    const auto found = i < node.inputs.size() ? types_.find(node.inputs[i]) : types_.end();
    return found == types_.end() ? onnx::TensorProto::UNDEFINED : found->second;
  }

  // For operators on floats and truth values, whose constants may be integers in a file.
  void make_constants_float(Node& node) {
    static const std::unordered_set<std::string_view> kOperators = {
        "Add",  "And",         "Concat", "Div", "Equal", "Gemm", "Greater", "GreaterOrEqual",
        "Less", "LessOrEqual", "MatMul", "Max", "Min",   "Mod",  "Mul",     "Or",
        "Pad",  "PRelu",       "Pow",    "Sub", "Xor",   "Clip", "Where"};
    if (!kOperators.contains(node.op)) return;
    const bool pad = node.op == "Pad";  // For a Pad, only the value.
    for (std::size_t i = pad ? 2 : 0; i < (pad ? std::min<std::size_t>(node.inputs.size(), 3) : node.inputs.size());
         ++i) {
      const Tensor* value = constant(node, i);
      if (value == nullptr || value->is_float()) continue;
      Tensor floats(value->shape, std::vector<float>(value->ints().begin(), value->ints().end()));
      const std::string name = unique_name(node.name + ".float", names_);
      add_constant(node, name, std::move(floats), true);
      node.inputs[i] = name;
    }
  }

  void resolve(std::string& value) const {
    if (const auto found = alias_.find(value); found != alias_.end()) value = found->second;
  }

  void take_branch(const Node& node) {
    const Tensor* condition = constant(node, 0);
    if (condition == nullptr) unsupported(node, "its condition is not a constant");
    if (element_count(condition->shape) != 1) invalid(node, "its condition is not a single value");
    const bool holds = condition->is_float() ? condition->floats()[0] != 0.0f : condition->ints()[0] != 0;
    const Branches& both = branches_.at(node.name);
    const Graph& taken = holds ? both.yes : both.no;
    if (taken.outputs.size() < node.outputs.size()) invalid(node, "has more outputs than its branch");
    for (const auto& [name, tensor] : taken.initializers) add_constant(node, name, tensor, true);
    for (const Node& inner : taken.nodes) settle(inner);
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      std::string result = taken.outputs[i];
      resolve(result);
      if (outputs_.contains(node.outputs[i])) {  // The output keeps its name.
        const std::string name = i == 0 ? node.name : unique_name(node.name + "." + std::to_string(i), node_names_);
        keep({"Identity", name, {result}, {node.outputs[i]}, {}});
      } else {
        alias_[node.outputs[i]] = result;
      }
    }
  }

  void cast(Node node) {
    if (is_free_cast(node, type_of(node, 0), static_cast<int>(node.attribute("to", std::int64_t{0})))) {
      return drop_cast(std::move(node));
    }
    Rewriter rewriter(*this, node);
    rewrite_cast(rewriter);
  }

  void drop_cast(Node node) {
    if (outputs_.contains(node.outputs.front())) {  // The output keeps its name.
      node.op = "Identity";
      node.attributes.clear();
      return keep(std::move(node));
    }
    alias_[node.outputs.front()] = node.inputs.front();
  }

  void einsum(const Node& node) {
    std::vector<Shape> shapes;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) shapes.push_back(shape(node, i));
    const auto fresh = [&](const std::string& key) { return unique_name(node.name + "." + key, names_); };
    std::vector<Node> nodes = einsum_as_matmul(node, shapes, fresh);
    nodes.back().name = node.name;
    for (Node& part : nodes) {
      if (part.op == "Reshape") part.inputs.push_back(add_list(part, "shape", part.attribute("shape", Ints{})));
      part.attributes.erase("shape");
      keep(std::move(part));
    }
  }

  Graph& graph_;
  std::int64_t opset_;
  const ElementTypes& types_;
  const BranchesByNode& branches_;
  std::unordered_set<std::string> outputs_, names_, node_names_;
  std::unordered_set<std::string> of_shapes_;             ///< Constants that may depend on the batch size.
  const std::unordered_set<std::string>& folded_before_;  ///< When settling for another batch size.
  std::unordered_map<std::string, std::string> alias_;    ///< Output of a dropped cast -> what it cast.
  SettledBatch result_;
};

}  // namespace

SettledBatch settle_batch(Graph& graph, std::int64_t opset, const ElementTypes& types, const BranchesByNode& branches,
                          std::int64_t batch, const std::unordered_set<std::string>& folded_before) {
  return BatchSettler(graph, opset, types, branches, batch, folded_before).run();
}

}  // namespace einet::graph
