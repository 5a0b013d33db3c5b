// Values that are equal for batches of 2 and of 3 are constants; others depend on the batch. In the target of a
// Reshape, the only number that differs becomes -1 (or 0, "as in the input"). The sizes of a Resize, which does not
// resize the batch, are replaced by equivalent scales. A value that is repeated for each image (a class token) is
// stored once. In all other cases the batch size cannot remain open.

#include "graph/onnx/merge_batches.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "graph/axis.h"
#include "graph/constant_concat.h"
#include "graph/faults.h"
#include "graph/onnx/unique_name.h"

namespace einet::graph {
namespace {

using Ints = std::vector<std::int64_t>;

bool same(const Tensor& a, const Tensor& b) { return a.shape == b.shape && a.data == b.data; }

// A constant that is equivalent to both `two` and `three`, its values for batches of 2 and 3, as the target of the
// Reshape, Expand or Resize `reader`.
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

// [1,...] if a constant has the same value for each image of a batch, such as a class token expanded to the batch.
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

class Merging {
 public:
  Merging(Graph& graph, SettledBatch two, SettledBatch three)
      : graph_(graph), two_(std::move(two)), three_(std::move(three)) {
    for (const auto& [name, shape] : two_.shapes) values_.insert(name);
    for (const auto& [name, tensor] : graph.initializers) values_.insert(name);
    for (const Node& node : two_.nodes) names_.insert(node.name);
  }

  void run() && {
    bool alike = two_.nodes.size() == three_.nodes.size();
    for (std::size_t i = 0; alike && i < two_.nodes.size(); ++i) {
      alike = two_.nodes[i].op == three_.nodes[i].op && two_.nodes[i].inputs == three_.nodes[i].inputs;
    }
    if (!alike) unsupported("network", "has different nodes for different batch sizes");
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
  static Shape shape(const SettledBatch& settled, const std::string& value) {
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

  // Replaces a Concat of values with constants before or after them, equal for each image, by a Pad and a sum.
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
  SettledBatch two_, three_;
  std::unordered_map<std::string, Tensor> open_,
      added_;  ///< Constants that depend on the batch size, with their values for 2; all other new ones.
  std::unordered_set<std::string> values_, names_;
  std::vector<Node> nodes_;
};

}  // namespace

void merge_batches(Graph& graph, SettledBatch two, SettledBatch three) {
  Merging(graph, std::move(two), std::move(three)).run();
}

}  // namespace einet::graph
