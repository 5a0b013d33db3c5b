// A file computes shapes at run time that are known once the shape of the input is:
//
//     Shape(x) -> Gather(0) -> Concat(., [-1]) -> Reshape(y, .)
//
// Walking the nodes in order with the shape of every value at hand, such nodes are simply evaluated. Only the batch
// size may still be open. Then the graph is settled twice, for batches of 2 and of 3: whatever comes out alike is a
// constant; a constant that differs depends on the batch. Where it is the target of a Reshape, its one open number is
// what -1 stands for (or 0, "as in the input"); where it is the size of a Resize, the batch keeps its size, so scales
// say the same; a value for each image that is the same for all (a class token) is one for all. Anywhere else the batch
// size cannot stay open; neither can it where the file has a number in place of the batch. Such a network runs single
// images: its batch is 1 from here on.

#include "graph/onnx/settle.h"

#include <algorithm>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "einet/error.h"
#include "graph/axis.h"
#include "graph/constant_concat.h"
#include "graph/faults.h"
#include "graph/onnx/casts.h"
#include "graph/onnx/einsum.h"
#include "graph/onnx/evaluate.h"
#include "graph/onnx/fold.h"
#include "graph/onnx/quantization.h"
#include "graph/onnx/rewriting.h"
#include "graph/onnx/space_depth.h"
#include "graph/onnx/tensor_proto.h"
#include "graph/onnx/unique_name.h"
#include "graph/operators/operator.h"
#include "graph/selection.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

using Ints = std::vector<std::int64_t>;
using Constants = std::unordered_map<std::string, Tensor>;

// A graph settled for one batch size: its nodes, and the constants that depend on shapes.
struct Settled {
  std::vector<Node> nodes;
  Constants constants;
  Shapes shapes;
  std::unordered_set<std::string> folded;  ///< Constants that do not, which the graph has now.
};

class ShapeSettler {
 public:
  ShapeSettler(Graph& graph, std::int64_t opset, const ElementTypes& types, const BranchesByNode& branches,
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

  // Constants that depend on no shape stay in the graph, the others are taken out of it again.
  Settled run() && {
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
  // How a node is rewritten as several: what it adds is settled at once.
  class Rewriter final : public Rewriting {
   public:
    Rewriter(ShapeSettler& settling, const Node& node) : settling_(settling), node_(node) {}
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
      const std::string output = unique_name(node_.name + "." + key, settling_.names_);
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
    ShapeSettler& settling_;
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
    if (i >= node.inputs.size() || node.inputs[i].empty()) invalid(node, "lacks its input " + std::to_string(i + 1));
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

  const Tensor& needed_constant(const Node& node, std::size_t i) const {
    const Tensor* found = constant(node, i);
    if (found == nullptr) unsupported(node, "its input " + std::to_string(i + 1) + " is no constant");
    return *found;
  }

  void add_constant(const Node& node, const std::string& name, Tensor value, bool of_shapes) {
    if (!graph_.initializers.try_emplace(name, std::move(value)).second) {
      invalid(node, "produces '" + name + "', which exists already");
    }
    (of_shapes ? of_shapes_ : result_.folded).insert(name);
  }

  // A list of integers that the graph did not have; returns its name.
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

  // The same with all arithmetic in float.
  void settle_made(Node node) {
    if (fold(node)) return;
    make_constants_float(node);
    if (node.op == "Cast") return cast(std::move(node));
    if (node.op == "If") return take_branch(node);
    if (is_quantized_operator(node.op)) {
      Rewriter rewriter(*this, node);
      return rewrite_quantized(rewriter);
    }
    if (node.op == "DepthToSpace" || node.op == "SpaceToDepth") {
      Rewriter rewriter(*this, node);
      return rewrite_space_depth(rewriter);
    }
    if (node.op == "Squeeze" || node.op == "Unsqueeze") return keep(as_reshape(std::move(node)));
    if (node.op == "Split") return split(node);
    if (node.op == "Reshape") return keep(without_zeros(std::move(node)));
    if (node.op == "Einsum") return einsum(node);
    if (node.op == "Pad") return keep(with_all_pads(std::move(node)));
    if (node.op == "Resize") return keep(with_all_scales(std::move(node)));
    if (node.op.starts_with("Reduce")) return keep(with_axes(std::move(node)));
    if (node.op == "GroupNormalization" && opset_ < 21) return keep(with_channel_parameters(std::move(node)));
    if ((node.op == "Softmax" || node.op == "LogSoftmax") && opset_ < 13) return old_softmax(std::move(node));
    keep(std::move(node));
  }

  int type_of(const Node& node, std::size_t i) const {
    const auto found = i < node.inputs.size() ? types_.find(node.inputs[i]) : types_.end();
    return found == types_.end() ? onnx::TensorProto::UNDEFINED : found->second;
  }

  // Operators on floats and truth values whose constants a file may hold as integers.
  void make_constants_float(Node& node) {
    static const std::unordered_set<std::string_view> kOperators = {
        "Add",  "And",         "Concat", "Div", "Equal", "Gemm", "Greater", "GreaterOrEqual",
        "Less", "LessOrEqual", "MatMul", "Max", "Min",   "Mod",  "Mul",     "Or",
        "Pad",  "PRelu",       "Pow",    "Sub", "Xor",   "Clip", "Where"};
    if (!kOperators.contains(node.op)) return;
    const bool pad = node.op == "Pad";  // Of it, the value alone.
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
    if (condition == nullptr) unsupported(node, "its condition is no constant");
    if (element_count(condition->shape) != 1) invalid(node, "its condition is no single value");
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

  // Opset 14 lets 0 stand for an empty dimension instead of the input's; exporters ask for it where there is no 0.
  Node without_zeros(Node node) {
    if (node.attribute("allowzero", std::int64_t{0}) != 0 &&
        std::ranges::count(needed_constant(node, 1).ints(), 0) > 0) {
      unsupported(node, "a dimension of size 0 is not supported");
    }
    node.attributes.erase("allowzero");
    return node;
  }

  Node as_reshape(Node node) {
    const Tensor* axes = node.inputs.size() > 1 ? &needed_constant(node, 1) : nullptr;
    Shape result = squeezed_shape(node, shape(node, 0), axes);
    node.inputs.resize(1);
    node.inputs.push_back(add_list(node, "shape", std::move(result)));
    node.op = "Reshape";
    node.attributes.clear();
    return node;
  }

  void split(const Node& node) {
    const Shape x = shape(node, 0);
    const std::size_t axis = counted_axis(node, node.attribute("axis", std::int64_t{0}), x.size());
    Ints sizes = node.inputs.size() > 1 ? needed_constant(node, 1).ints() : node.attribute("split", Ints{});
    const auto parts = static_cast<std::int64_t>(node.outputs.size());
    if (sizes.empty()) {
      const std::int64_t each = (x[axis] + parts - 1) / parts;
      for (std::int64_t at = 0; at < x[axis]; at += each) sizes.push_back(std::min(each, x[axis] - at));
    }
    std::int64_t end = 0;
    for (std::size_t i = 0; i < sizes.size() && i < node.outputs.size(); ++i) {
      const std::int64_t start = end;
      if (sizes[i] < 1 || sizes[i] > x[axis] - start) break;
      end += sizes[i];
      if (node.outputs[i].empty()) continue;
      Node part{"Slice", node.name, {node.inputs.front()}, {node.outputs[i]}, {}};
      if (i > 0) {
        part.name = unique_name(part.name + "." + std::to_string(i), node_names_);
      }
      part.inputs.push_back(add_list(part, "start", {start}));
      part.inputs.push_back(add_list(part, "end", {end}));
      part.inputs.push_back(add_list(part, "axis", {static_cast<std::int64_t>(axis)}));
      keep(std::move(part));
    }
    if (end != x[axis] || sizes.size() != node.outputs.size()) {
      invalid(node,
              "cannot split " + to_string(x) + " into " + std::to_string(parts) + " parts of " + to_string(sizes));
    }
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

  // Opset 18 lets pads name their axes.
  Node with_all_pads(Node node) {
    if (node.inputs.size() == 3 && node.inputs[2].empty()) node.inputs.pop_back();
    if (node.inputs.size() < 4) return node;
    const Shape x = shape(node, 0);
    const Ints &given = needed_constant(node, 1).ints(), &axes = needed_constant(node, 3).ints();
    if (given.size() != 2 * axes.size()) invalid(node, "has pads and axes of different lengths");
    Ints pads(2 * x.size(), 0);
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const std::size_t axis = counted_axis(node, axes[i], x.size());
      pads[axis] = given[i];
      pads[axis + x.size()] = given[i + axes.size()];
    }
    node.inputs[1] = add_list(node, "pads", std::move(pads));
    node.inputs.resize(node.inputs[2].empty() ? 2 : 3);
    return node;
  }

  // Absent inputs may be empty constants; opset 18 lets scales and sizes name their axes and keep the aspect ratio.
  Node with_all_scales(Node node) {
    const bool crops = node.attribute("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize";
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
      const Tensor* value = constant(node, i);
      if ((i == 1 && !crops) || (value != nullptr && element_count(value->shape) == 0)) node.inputs[i].clear();
    }
    while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
    const std::string policy = node.attribute("keep_aspect_ratio_policy", "stretch");
    if (policy != "stretch") unsupported(node, "keep_aspect_ratio_policy '" + policy + "' is not supported");
    node.attributes.erase("keep_aspect_ratio_policy");
    if (node.attribute("antialias", std::int64_t{0}) == 0) node.attributes.erase("antialias");
    if (!node.attributes.contains("axes")) return node;

    const Shape x = shape(node, 0);
    const Ints axes = node.attribute("axes", Ints{});
    node.attributes.erase("axes");
    const std::size_t which = node.inputs.size() == 4 ? 3 : 2;
    const Tensor given = needed_constant(node, which);
    if (element_count(given.shape) != static_cast<std::int64_t>(axes.size())) invalid(node, "does not fit its axes");
    Ints sizes = x;
    std::vector<float> scales(x.size(), 1.0f);
    for (std::size_t i = 0; i < axes.size(); ++i) {
      const std::size_t axis = counted_axis(node, axes[i], x.size());
      if (which == 3) sizes[axis] = given.ints()[i];
      if (which == 2) scales[axis] = given.floats()[i];
    }
    if (which == 3) {
      node.inputs[3] = add_list(node, "sizes", std::move(sizes));
    } else {
      const std::string name = unique_name(node.name + ".scales", names_);
      add_constant(node, name, Tensor({static_cast<std::int64_t>(x.size())}, std::move(scales)), true);
      node.inputs[2] = name;
    }
    return node;
  }

  // Opset 18 made an input of the axes.
  Node with_axes(Node node) {
    const bool nothing = node.attribute("noop_with_empty_axes", std::int64_t{0}) != 0;
    node.attributes.erase("noop_with_empty_axes");
    if (node.inputs.size() > 1) {
      node.attributes["axes"] = needed_constant(node, 1).ints();
      node.inputs.resize(1);
    }
    // What a reduction of nothing does to each element differs; only these leave it as it is.
    static const std::unordered_set<std::string_view> kUnchanged = {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin",
                                                                    "ReduceProd"};
    if (nothing && node.attribute("axes", Ints{}).empty()) {
      if (!kUnchanged.contains(node.op)) unsupported(node, "noop_with_empty_axes is not supported here");
      node.op = "Identity";
      node.attributes.clear();
    }
    return node;
  }

  // Before opset 21 scale and bias had one element for each group.
  Node with_channel_parameters(Node node) {
    const Shape x = shape(node, 0);
    const std::int64_t groups = node.attribute("num_groups", std::int64_t{1});
    if (x.size() < 2 || groups < 1 || x[1] % groups != 0) return node;  // The shape rule refuses it.
    for (std::size_t i = 1; i < 3; ++i) {
      const std::vector<float>& given = needed_constant(node, i).floats();
      if (static_cast<std::int64_t>(given.size()) != groups) invalid(node, "has not one parameter for each group");
      std::vector<float> channels;
      for (const float value : given) channels.insert(channels.end(), static_cast<std::size_t>(x[1] / groups), value);
      const std::string name = unique_name(node.name + (i == 1 ? ".scale" : ".bias"), names_);
      add_constant(node, name, Tensor({x[1]}, std::move(channels)), true);
      node.inputs[i] = name;
    }
    return node;
  }

  // Before opset 13 a Softmax or LogSoftmax went over all dimensions from its axis on.
  void old_softmax(Node node) {
    const Shape x = shape(node, 0);
    const std::size_t axis = counted_axis(node, node.attribute("axis", std::int64_t{1}), x.size(), true);
    const auto from = x.begin() + static_cast<std::ptrdiff_t>(axis);
    if (axis < x.size() && element_count(Shape(from + 1, x.end())) == 1) return keep(std::move(node));
    const std::string flat = unique_name(node.name + ".flat", names_), soft = unique_name(node.name + ".soft", names_);
    Node first{"Flatten", flat, {node.inputs.front()}, {flat}, {{"axis", static_cast<std::int64_t>(axis)}}};
    Node last{"Reshape", soft, {soft, add_list(node, "shape", x)}, node.outputs, {}};
    node.inputs = {flat};
    node.outputs = {soft};
    node.attributes["axis"] = std::int64_t{1};
    keep(std::move(first));
    keep(std::move(node));
    keep(std::move(last));
  }

  Graph& graph_;
  std::int64_t opset_;
  const ElementTypes& types_;
  const BranchesByNode& branches_;
  std::unordered_set<std::string> outputs_, names_, node_names_;
  std::unordered_set<std::string> of_shapes_;             ///< Constants that may depend on the batch size.
  const std::unordered_set<std::string>& folded_before_;  ///< By settling for another batch size.
  std::unordered_map<std::string, std::string> alias_;    ///< Output of a dropped cast -> what it cast.
  Settled result_;
};

bool same(const Tensor& a, const Tensor& b) { return a.shape == b.shape && a.data == b.data; }

// What stands for both `two` and `three`, the value of a constant at batches of 2 and 3, as the target of the Reshape,
// the Expand or the Resize `reader`.
Tensor for_any_batch(const Node& reader, const std::string& value, const Tensor& two, const Tensor& three,
                     const Shape& x_two, const Shape& x_three) {
  const auto give_up = [&]() { unsupported(reader, "'" + value + "' depends on the batch size"); };
  const bool resizes = reader.op == "Resize", expands = reader.op == "Expand";
  if (two.is_float() || three.is_float() || two.shape != three.shape) give_up();
  Ints result = two.ints();
  const std::size_t missing = expands && x_two.size() > result.size() ? x_two.size() - result.size() : 0;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (two.ints()[i] == three.ints()[i]) continue;
    const std::size_t d = i + missing;
    const bool kept =
        d < x_two.size() && d < x_three.size() && two.ints()[i] == x_two[d] && three.ints()[i] == x_three[d];
    const bool is_rest = std::count(result.begin(), result.end(), -1) == 0;
    if (!kept && (!is_rest || resizes || expands)) give_up();
    result[i] = expands ? 1 : kept ? 0 : -1;
  }
  if (!resizes) return Tensor(two.shape, std::move(result));
  std::vector<float> scales;
  for (std::size_t i = 0; i < result.size(); ++i) {
    const auto from = static_cast<float>(x_two.at(i));
    float scale = result[i] == 0 ? 1.0f : static_cast<float>(result[i]) / from;
    // The product is rounded down to a size.
    if (result[i] != 0 && from * scale < static_cast<float>(result[i])) scale = std::nextafter(scale, INFINITY);
    scales.push_back(scale);
  }
  return Tensor(two.shape, std::move(scales));
}

// [1,...], where a constant holds the same for each image of a batch: a class token, expanded to the batch.
std::optional<Tensor> for_one_image(const Tensor& two, const Tensor& three) {
  if (!two.is_float() || !three.is_float() || two.shape.size() != three.shape.size() || two.shape.empty()) return {};
  if (two.shape[0] != 2 || three.shape[0] != 3) return {};
  const auto image = static_cast<std::ptrdiff_t>(two.floats().size()) / 2;
  Shape shape = two.shape;
  shape.front() = 1;
  if (element_count(shape) != image || three.floats().size() != static_cast<std::size_t>(3 * image)) return {};
  const std::vector<float> one(two.floats().begin(), two.floats().begin() + image);
  for (const Tensor* all : {&two, &three}) {
    for (auto at = all->floats().begin(); at != all->floats().end(); at += image) {
      if (!std::equal(one.begin(), one.end(), at)) return {};
    }
  }
  return Tensor(shape, one);
}

// Joins what the batches of 2 and 3 gave into one graph for any batch.
class Merging {
 public:
  Merging(Graph& graph, Settled two, Settled three) : graph_(graph), two_(std::move(two)), three_(std::move(three)) {
    for (const auto& [name, shape] : two_.shapes) values_.insert(name);
    for (const auto& [name, tensor] : graph.initializers) values_.insert(name);
    for (const Node& node : two_.nodes) names_.insert(node.name);
  }

  void run() && {
    bool alike = two_.nodes.size() == three_.nodes.size();
    for (std::size_t i = 0; alike && i < two_.nodes.size(); ++i) {
      alike = two_.nodes[i].op == three_.nodes[i].op && two_.nodes[i].inputs == three_.nodes[i].inputs;
    }
    if (!alike) unsupported("network", "has other nodes for another batch size");
    for (auto& [name, value] : two_.constants) {
      values_.insert(name);
      const Tensor& other = three_.constants.at(name);
      (same(value, other) ? added_ : open_).emplace(name, std::move(value));
    }
    for (Node& node : two_.nodes) merge(std::move(node));
    graph_.initializers.merge(added_);
    graph_.nodes = std::move(nodes_);
  }

 private:
  static Shape shape(const Settled& settled, const std::string& value) {
    const auto found = settled.shapes.find(value);
    return found == settled.shapes.end() ? Shape{} : found->second;
  }

  std::string add_constant(const Node& node, Tensor value) {
    std::string name = unique_name(node.name + ".any_batch", values_);
    added_.emplace(name, std::move(value));
    return name;
  }

  [[noreturn]] static void give_up(const Node& node, std::size_t i) {
    unsupported(node, "'" + node.inputs[i] + "' depends on the batch size");
  }

  void merge(Node node) {
    if (node.op == "Concat" && std::ranges::any_of(node.inputs, [&](const auto& x) { return open_.contains(x); })) {
      return join_constants(node);
    }
    static const std::unordered_set<std::string_view> kBroadcasting = {"Add", "Sub", "Mul", "Div", "Pow", "Max", "Min"};
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const auto found = open_.find(node.inputs[i]);
      if (found == open_.end()) continue;
      const std::string x = node.inputs.front();
      const Tensor &two = found->second, &three = three_.constants.at(found->first);
      const bool target = i == 1 && (node.op == "Reshape" || node.op == "Expand");
      if (target || (i == 3 && node.op == "Resize")) {
        Tensor any = for_any_batch(node, found->first, two, three, shape(two_, x), shape(three_, x));
        const bool by_scales = any.is_float();  // A Resize by scales instead of sizes.
        const std::string own = add_constant(node, std::move(any));
        if (by_scales) node.inputs.resize(3);
        node.inputs[by_scales ? 2 : i] = own;
        continue;
      }
      std::optional<Tensor> one = for_one_image(two, three);
      if (!one || !kBroadcasting.contains(node.op) || open_.contains(node.inputs[1 - i])) give_up(node, i);
      const Shape other_two = shape(two_, node.inputs[1 - i]), other_three = shape(three_, node.inputs[1 - i]);
      const bool has_batch = other_two.size() == two.shape.size() && other_two[0] == 2 && other_three[0] == 3;
      if (!has_batch) give_up(node, i);
      node.inputs[i] = add_constant(node, std::move(*one));
    }
    nodes_.push_back(std::move(node));
  }

  // A Concat of values with constants before or after them, which are the same for each image, is a Pad and a sum.
  void join_constants(const Node& node) {
    Shape image = shape(two_, node.outputs.front());
    const std::size_t axis = counted_axis(node, node.attribute("axis", std::int64_t{0}), image.size());
    image.front() = 1;
    std::vector<ConcatInput> inputs;
    std::vector<Tensor> constants;
    constants.reserve(node.inputs.size());
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const std::string& value = node.inputs[i];
      const auto found = open_.find(value);
      if (found == open_.end()) {
        if (graph_.constant(value) != nullptr) give_up(node, i);
        inputs.push_back({value, shape(two_, value).at(axis), nullptr});
        continue;
      }
      std::optional<Tensor> one = for_one_image(found->second, three_.constants.at(value));
      if (!one) give_up(node, i);
      constants.push_back(std::move(*one));
      inputs.push_back({value, constants.back().shape.at(axis), &constants.back()});
    }
    const auto fresh = [&](const std::string& suffix) {
      std::string name = node.name + "." + suffix;
      do name = unique_name(name, names_);
      while (!values_.insert(name).second);
      return name;
    };
    for (Node& part : concat_with_constants(node, image, inputs, fresh,
                                            [&](Tensor constant) { return add_constant(node, std::move(constant)); })) {
      nodes_.push_back(std::move(part));
    }
  }

  Graph& graph_;
  Settled two_, three_;
  Constants open_, added_;  ///< Constants that depend on the batch size, with their values for 2; all others.
  std::unordered_set<std::string> values_, names_;
  std::vector<Node> nodes_;
};

// Whether the graph could be settled for any batch size. If not, it is as before, but for constants in `folded`.
bool settle_for_any_batch(Graph& graph, std::int64_t opset, const ElementTypes& types, const BranchesByNode& branches,
                          std::unordered_set<std::string>& folded) {
  try {
    Settled two = ShapeSettler(graph, opset, types, branches, 2, {}).run();
    folded = two.folded;
    Settled three = ShapeSettler(graph, opset, types, branches, 3, folded).run();
    folded.insert(three.folded.begin(), three.folded.end());
    Merging(graph, std::move(two), std::move(three)).run();
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

void settle(Graph& graph, std::int64_t opset, const ElementTypes& types, const BranchesByNode& branches) {
  const bool open = std::any_of(graph.inputs.begin(), graph.inputs.end(),
                                [](const Input& input) { return !input.shape.empty() && input.shape.front() == -1; });
  std::unordered_set<std::string> folded;
  if (!open || !settle_for_any_batch(graph, opset, types, branches, folded)) {
    for (Input& input : graph.inputs) {
      if (!input.shape.empty() && input.shape.front() == -1) input.shape.front() = 1;
    }
    Settled settled = ShapeSettler(graph, opset, types, branches, 1, folded).run();
    graph.nodes = std::move(settled.nodes);
    graph.initializers.merge(settled.constants);
  }
  remove_dead_nodes(graph);
  remove_unread_initializers(graph);
}

}  // namespace einet::graph
