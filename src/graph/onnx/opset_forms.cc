#include "graph/onnx/opset_forms.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "graph/axis.h"
#include "graph/faults.h"
#include "graph/onnx/evaluate.h"

namespace einet::graph {
namespace {

using Ints = std::vector<std::int64_t>;

const Tensor& needed_constant(const Rewriting& to, std::size_t i) {
  const Tensor* found = to.constant(i);
  if (found == nullptr) unsupported(to.node(), "its input " + std::to_string(i + 1) + " is not a constant");
  return *found;
}

std::string add_list(Rewriting& to, const std::string& key, Ints values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return to.add_constant(key, Tensor({count}, std::move(values)));
}

std::string add_floats(Rewriting& to, const std::string& key, std::vector<float> values) {
  const auto count = static_cast<std::int64_t>(values.size());
  return to.add_constant(key, Tensor({count}, std::move(values)));
}

// Since opset 14, allowzero makes 0 an empty dimension instead of the input's; exporters set it even if there is no 0.
Node without_zeros(Rewriting& to) {
  Node node = to.node();
  if (node.attribute("allowzero", std::int64_t{0}) != 0 && std::ranges::count(needed_constant(to, 1).ints(), 0) > 0) {
    unsupported(node, "a dimension of size 0 is not supported");
  }
  node.attributes.erase("allowzero");
  return node;
}

Node as_reshape(Rewriting& to) {
  const Node& node = to.node();
  const Tensor* axes = node.inputs.size() > 1 ? &needed_constant(to, 1) : nullptr;
  const std::string shape = add_list(to, "shape", squeezed_shape(node, to.shape(0), axes));
  return {"Reshape", node.name, {node.inputs.front(), shape}, node.outputs, {}};
}

// Since opset 18, pads may be given for some axes only.
Node with_all_pads(Rewriting& to) {
  Node node = to.node();
  if (node.inputs.size() == 3 && node.inputs[2].empty()) node.inputs.pop_back();
  if (node.inputs.size() < 4) return node;
  const Shape x = to.shape(0);
  const Ints &given = needed_constant(to, 1).ints(), &axes = needed_constant(to, 3).ints();
  if (given.size() != 2 * axes.size()) invalid(node, "has pads and axes of different lengths");
  Ints pads(2 * x.size(), 0);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = counted_axis(node, axes[i], x.size());
    pads[axis] = given[i];
    pads[axis + x.size()] = given[i + axes.size()];
  }
  node.inputs[1] = add_list(to, "pads", std::move(pads));
  node.inputs.resize(node.inputs[2].empty() ? 2 : 3);
  return node;
}

// Absent inputs may be empty constants. Since opset 18, scales and sizes may be given for some axes only, and sizes may
// keep the aspect ratio.
Node with_all_scales(Rewriting& to) {
  Node node = to.node();
  const bool crops = node.attribute("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize";
  for (std::size_t i = 1; i < node.inputs.size(); ++i) {
    const Tensor* value = to.constant(i);
    if ((i == 1 && !crops) || (value != nullptr && element_count(value->shape) == 0)) node.inputs[i].clear();
  }
  while (!node.inputs.empty() && node.inputs.back().empty()) node.inputs.pop_back();
  const std::string policy = node.attribute("keep_aspect_ratio_policy", "stretch");
  if (policy != "stretch") unsupported(node, "keep_aspect_ratio_policy '" + policy + "' is not supported");
  node.attributes.erase("keep_aspect_ratio_policy");
  if (node.attribute("antialias", std::int64_t{0}) == 0) node.attributes.erase("antialias");
  if (!node.attributes.contains("axes")) return node;

  const Shape x = to.shape(0);
  const Ints axes = node.attribute("axes", Ints{});
  node.attributes.erase("axes");
  if (node.inputs.size() < 3) invalid(node, "has neither scales nor sizes");
  const bool by_sizes = node.inputs.size() == 4;
  const Tensor& given = needed_constant(to, by_sizes ? 3 : 2);
  if (element_count(given.shape) != static_cast<std::int64_t>(axes.size()))
    invalid(node, "has axes that do not match its scales or sizes");
  Ints sizes = x;
  std::vector<float> scales(x.size(), 1.0f);
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = counted_axis(node, axes[i], x.size());
    if (by_sizes) {
      sizes[axis] = given.ints()[i];
    } else {
      scales[axis] = given.floats()[i];
    }
  }
  if (by_sizes) {
    node.inputs[3] = add_list(to, "sizes", std::move(sizes));
  } else {
    node.inputs[2] = add_floats(to, "scales", std::move(scales));
  }
  return node;
}

// Since opset 18, axes are an input.
Node with_axes(Rewriting& to) {
  Node node = to.node();
  const bool nothing = node.attribute("noop_with_empty_axes", std::int64_t{0}) != 0;
  node.attributes.erase("noop_with_empty_axes");
  if (node.inputs.size() > 1) {
    node.attributes["axes"] = needed_constant(to, 1).ints();
    node.inputs.resize(1);
  }
  // Only these reductions leave each element unchanged if there are no axes.
  static const std::unordered_set<std::string_view> kUnchanged = {"ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin",
                                                                  "ReduceProd"};
  if (nothing && node.attribute("axes", Ints{}).empty()) {
    if (!kUnchanged.contains(node.op)) unsupported(node, "noop_with_empty_axes is not supported here");
    node.op = "Identity";
    node.attributes.clear();
  }
  return node;
}

// Before opset 21, scale and bias had one element for each group.
Node with_channel_parameters(Rewriting& to) {
  Node node = to.node();
  const Shape x = to.shape(0);
  const std::int64_t groups = node.attribute("num_groups", std::int64_t{1});
  if (x.size() < 2 || groups < 1 || x[1] % groups != 0) return node;  // The shape rule reports the error.
  for (std::size_t i = 1; i < 3; ++i) {
    const std::vector<float>& given = needed_constant(to, i).floats();
    if (static_cast<std::int64_t>(given.size()) != groups) invalid(node, "needs one parameter for each group");
    std::vector<float> channels;
    for (const float value : given) channels.insert(channels.end(), static_cast<std::size_t>(x[1] / groups), value);
    node.inputs[i] = add_floats(to, i == 1 ? "scale" : "bias", std::move(channels));
  }
  return node;
}

}  // namespace

Node in_form_of_opset_13(Rewriting& to, std::int64_t opset) {
  const std::string& op = to.node().op;
  if (op == "Squeeze" || op == "Unsqueeze") return as_reshape(to);
  if (op == "Reshape") return without_zeros(to);
  if (op == "Pad") return with_all_pads(to);
  if (op == "Resize") return with_all_scales(to);
  if (op.starts_with("Reduce")) return with_axes(to);
  if (op == "GroupNormalization" && opset < 21) return with_channel_parameters(to);
  return to.node();
}

void rewrite_split(Rewriting& to) {
  const Node& node = to.node();
  const Shape x = to.shape(0);
  const std::size_t axis = counted_axis(node, node.attribute("axis", std::int64_t{0}), x.size());
  Ints sizes = node.inputs.size() > 1 ? needed_constant(to, 1).ints() : node.attribute("split", Ints{});
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
    const std::string part = i == 0 ? "" : std::to_string(i) + ".";
    to.add_output(i, "Slice",
                  {node.inputs.front(), add_list(to, part + "start", {start}), add_list(to, part + "end", {end}),
                   add_list(to, part + "axis", {static_cast<std::int64_t>(axis)})});
  }
  if (end != x[axis] || sizes.size() != node.outputs.size()) {
    invalid(node, "cannot split " + to_string(x) + " into " + std::to_string(parts) + " parts of " + to_string(sizes));
  }
}

bool is_old_softmax(const Rewriting& softmax) {
  const Node& node = softmax.node();
  const Shape x = softmax.shape(0);
  const std::size_t axis = counted_axis(node, node.attribute("axis", std::int64_t{1}), x.size(), true);
  const auto from = x.begin() + static_cast<std::ptrdiff_t>(axis);
  return axis == x.size() || element_count(Shape(from + 1, x.end())) != 1;
}

void rewrite_old_softmax(Rewriting& to) {
  const Node& node = to.node();
  const Shape x = to.shape(0);
  const auto axis =
      static_cast<std::int64_t>(counted_axis(node, node.attribute("axis", std::int64_t{1}), x.size(), true));
  const std::string flat = to.add("flat", "Flatten", {node.inputs.front()}, {{"axis", axis}});
  std::map<std::string, Attribute> attributes = node.attributes;
  attributes["axis"] = std::int64_t{1};
  const std::string soft = to.add("soft", node.op, {flat}, std::move(attributes));
  to.add_output(0, "Reshape", {soft, add_list(to, "shape", x)});
}

}  // namespace einet::graph
