#include "graph/builder.h"

#include <cmath>
#include <utility>

#include "graph/faults.h"
#include "graph/operators/operator.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

std::vector<std::int64_t> twice(std::int64_t value) { return {value, value}; }

std::map<std::string, Attribute> window_attributes(const Window& window) {
  const std::int64_t pad = window.padding;
  return {{"kernel_shape", twice(window.kernel)},
          {"strides", twice(window.stride)},
          {"pads", std::vector<std::int64_t>{pad, pad, pad, pad}}};
}

std::map<std::string, Attribute> pooling_attributes(const Window& window) {
  auto attributes = window_attributes(window);
  if (window.ceil_mode) attributes["ceil_mode"] = std::int64_t{1};
  return attributes;
}

Tensor filled(std::int64_t size, float value) {
  return Tensor({size}, std::vector<float>(static_cast<std::size_t>(size), value));
}

}  // namespace

Builder::Builder(std::string name, int channels, int height, int width, std::optional<std::uint64_t> seed) {
  if (seed) random_.emplace(*seed);
  graph_.name = std::move(name);
  graph_.inputs.push_back({"input", {-1, channels, height, width}});
  shapes_["input"] = {channels, height, width};
}

Builder::Builder(Graph graph, std::optional<std::uint64_t> seed) : graph_(std::move(graph)) {
  if (seed) random_.emplace(*seed);
  const Shapes shapes = infer_shapes(graph_, 1);
  const auto know = [&](const std::string& value) {
    const Shape& shape = shapes.at(value);
    shapes_[value] = shape.empty() ? shape : Shape(shape.begin() + 1, shape.end());
  };
  for (const Input& input : graph_.inputs) know(input.name);
  for (const Node& node : graph_.nodes) know(node.outputs.front());
  graph_.outputs.clear();
}

const std::string& Builder::input() const { return graph_.inputs.front().name; }

// The output gets the name of the node.
std::string Builder::append(Node node) {
  node.outputs = {node.name};
  Shape shape = infer_node(graph_, node, [&](const std::string& value) {
    Shape with_batch = this->shape(value);
    with_batch.insert(with_batch.begin(), 1);
    return with_batch;
  });
  shape.erase(shape.begin());
  if (!shapes_.emplace(node.name, std::move(shape)).second) {
    invalid(node, "exists already");
  }
  graph_.nodes.push_back(std::move(node));
  return graph_.nodes.back().name;
}

std::string Builder::weight(std::string name, Tensor tensor) {
  if (!graph_.initializers.emplace(name, std::move(tensor)).second) {
    invalid("weight '" + name + "'", "exists already");
  }
  return name;
}

template <class Distribution>
Tensor Builder::drawn(Shape shape, Distribution distribution) {
  std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
  if (random_) {
    for (float& value : values) value = distribution(*random_);
  }
  return Tensor(std::move(shape), std::move(values));
}

std::string Builder::conv(const std::string& x, int out_channels, Window window, std::string_view name, bool bias) {
  const std::string own(name);
  const std::int64_t kernel = window.kernel;
  std::normal_distribution<float> normal(
      0.0f, std::sqrt(2.0f / (static_cast<float>(kernel * kernel) * static_cast<float>(out_channels))));
  const Shape shape = {out_channels, this->shape(x).front(), kernel, kernel};
  Node node{"Conv", own, {x, weight(own + ".weight", drawn(shape, normal))}, {}, {}};
  if (bias) node.inputs.push_back(weight(own + ".bias", filled(out_channels, 0.0f)));
  node.attributes = window_attributes(window);
  return append(std::move(node));
}

std::string Builder::batch_norm(const std::string& x, std::string_view name) {
  const std::string own(name);
  const std::int64_t channels = shape(x).front();
  return append({"BatchNormalization",
                 own,
                 {x, weight(own + ".weight", filled(channels, 1.0f)), weight(own + ".bias", filled(channels, 0.0f)),
                  weight(own + ".mean", filled(channels, 0.0f)), weight(own + ".var", filled(channels, 1.0f))},
                 {},
                 {{"epsilon", 1e-5f}, {"momentum", 0.9f}}});
}

std::string Builder::relu(const std::string& x, std::string_view name) {
  return append({"Relu", std::string(name), {x}, {}, {}});
}

std::string Builder::conv_bn_relu(const std::string& x, int out_channels, Window window, std::string_view name) {
  const std::string own(name);
  return relu(batch_norm(conv(x, out_channels, window, own + ".conv"), own + ".bn"), own + ".relu");
}

std::string Builder::max_pool(const std::string& x, Window window, std::string_view name) {
  return append({"MaxPool", std::string(name), {x}, {}, pooling_attributes(window)});
}

std::string Builder::average_pool(const std::string& x, Window window, std::string_view name) {
  return append({"AveragePool", std::string(name), {x}, {}, pooling_attributes(window)});
}

std::string Builder::global_average_pool(const std::string& x, std::string_view name) {
  return append({"GlobalAveragePool", std::string(name), {x}, {}, {}});
}

std::string Builder::mean(const std::string& x, std::vector<std::int64_t> axes, std::string_view name) {
  return append({"ReduceMean", std::string(name), {x}, {}, {{"axes", std::move(axes)}, {"keepdims", std::int64_t{0}}}});
}

std::string Builder::layer_norm(const std::string& x, std::string_view name) {
  const std::string own(name);
  const std::int64_t size = shape(x).back();
  return append({"LayerNormalization",
                 own,
                 {x, weight(own + ".weight", filled(size, 1.0f)), weight(own + ".bias", filled(size, 0.0f))},
                 {},
                 {{"epsilon", 1e-5f}}});
}

std::string Builder::lrn(const std::string& x, int size, float alpha, float beta, std::string_view name) {
  return append({"LRN",
                 std::string(name),
                 {x},
                 {},
                 {{"size", std::int64_t{size}}, {"alpha", alpha}, {"beta", beta}, {"bias", 1.0f}}});
}

std::string Builder::concat(const std::vector<std::string>& xs, std::string_view name) {
  return append({"Concat", std::string(name), xs, {}, {{"axis", std::int64_t{1}}}});
}

std::string Builder::add(const std::string& a, const std::string& b, std::string_view name) {
  return append({"Add", std::string(name), {a, b}, {}, {}});
}

std::string Builder::flatten(const std::string& x, std::string_view name) {
  return append({"Flatten", std::string(name), {x}, {}, {{"axis", std::int64_t{1}}}});
}

std::string Builder::linear(const std::string& x, int out_features, std::string_view name) {
  const std::string own(name);
  const std::int64_t in_features = shape(x).front();
  const float bound = 1.0f / std::sqrt(static_cast<float>(in_features));
  std::uniform_real_distribution<float> uniform(-bound, bound);
  const std::string matrix = weight(own + ".weight", drawn({out_features, in_features}, uniform));
  const std::string bias = weight(own + ".bias", drawn({out_features}, uniform));
  return append({"Gemm", own, {x, matrix, bias}, {}, {{"transB", std::int64_t{1}}}});
}

std::string Builder::dropout(const std::string& x, float ratio, std::string_view name) {
  const std::string own(name);
  return append({"Dropout", own, {x, weight(own + ".ratio", Tensor({}, std::vector<float>{ratio}))}, {}, {}});
}

void Builder::exit(const std::string& x) {
  shape(x);
  const std::string name = "exit" + std::to_string(graph_.outputs.size() + 1);
  // build() renames the value to that of the exit; until then callers use its original name.
  if (x != input() && exit_names_.emplace(x, name).second) {
    graph_.outputs.push_back(name);
    return;
  }
  append({"Identity", name, {x}, {}, {}});
  graph_.outputs.push_back(name);
}

void Builder::keep_output(const std::string& x) {
  shape(x);
  graph_.outputs.push_back(x);
}

Shape Builder::shape(const std::string& x) const {
  const auto found = shapes_.find(x);
  if (found != shapes_.end()) return found->second;
  invalid("value '" + x + "'", "has not been built");
}

Graph Builder::build() && {
  const auto rename = [&](std::string& value) {
    if (const auto exit = exit_names_.find(value); exit != exit_names_.end()) value = exit->second;
  };
  for (Node& node : graph_.nodes) {
    for (std::string& value : node.inputs) rename(value);
    for (std::string& value : node.outputs) rename(value);
  }
  graph_.validate();
  return std::move(graph_);
}

}  // namespace einet::graph
