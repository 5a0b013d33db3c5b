#pragma once

#include <random>

#include "graph/builder.h"

namespace einet::graph {

/// A small two-exit network [N,3,16,16] with every layer that Builder has.
inline Graph small_network(std::uint64_t seed = 1) {
  Builder b("small", 3, 16, 16, seed);
  std::string x = b.conv_bn_relu(b.input(), 8, {}, "stem");
  x = b.max_pool(x, {.kernel = 3, .stride = 2, .padding = 0, .ceil_mode = true}, "pool");
  x = b.lrn(x, 3, 5e-5f, 0.75f, "lrn");
  b.exit(b.linear(b.flatten(b.average_pool(x, {.kernel = 2, .stride = 2, .padding = 0}, "e1.pool"), "e1.flat"), 10,
                  "e1.fc"));
  const std::string left = b.conv_bn_relu(x, 8, {.kernel = 1, .padding = 0}, "left");
  x = b.concat({b.add(x, left, "sum"), b.conv(x, 4, {}, "right", true)}, "cat");
  x = b.dropout(b.flatten(b.global_average_pool(x, "gap"), "flat"), 0.5f, "drop");
  b.exit(b.linear(b.relu(b.linear(x, 12, "fc1"), "relu"), 10, "fc2"));
  return std::move(b).build();
}

/// One exit, as few weights as possible.
inline Graph tiny_network() {
  Builder b("tiny", 1, 4, 4, 1);
  std::string x =
      b.max_pool(b.conv_bn_relu(b.input(), 1, {.kernel = 1, .padding = 0}, "c"), {.kernel = 4, .padding = 0}, "p");
  b.exit(b.linear(b.dropout(b.flatten(x, "f"), 0.5f, "d"), 2, "fc"));
  return std::move(b).build();
}

/// Transformers [N,3,16,16] with 8 channels, as written by exporters.
struct Transformer {
  Graph graph;
  std::mt19937 random{1};
  int number = 0;

  std::string weight(Shape shape) {
    std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
    for (float& value : values) value = std::normal_distribution<float>(0, 0.3f)(random);
    const std::string name = "w" + std::to_string(++number);
    graph.initializers.emplace(name, Tensor(std::move(shape), std::move(values)));
    return name;
  }
  std::string ints(std::vector<std::int64_t> values) {
    const std::string name = "i" + std::to_string(++number);
    const Shape shape = {static_cast<std::int64_t>(values.size())};
    graph.initializers.emplace(name, Tensor(shape, std::move(values)));
    return name;
  }
  std::string node(const std::string& op, const std::string& name, std::vector<std::string> inputs,
                   std::map<std::string, Attribute> attributes = {}) {
    graph.nodes.push_back({op, name, std::move(inputs), {name}, std::move(attributes)});
    return name;
  }
  std::string transpose(const std::string& x, const std::string& name, std::vector<std::int64_t> perm) {
    return node("Transpose", name, {x}, {{"perm", std::move(perm)}});
  }
  std::string linear(const std::string& x, std::int64_t in, std::int64_t out, const std::string& name) {
    return node("Add", name, {node("MatMul", name + ".product", {x, weight({in, out})}), weight({out})});
  }
  std::string norm(const std::string& x, const std::string& name) {
    return node("LayerNormalization", name, {x, weight({8}), weight({8})});
  }
  /// x + MLP(norm(x)), over the last dimension.
  std::string mlp(const std::string& x, const std::string& name) {
    const std::string hidden = linear(norm(x, name + ".norm"), 8, 16, name + ".fc1");
    return node("Add", name, {x, linear(node("Gelu", name + ".gelu", {hidden}), 16, 8, name + ".fc2")});
  }
  /// x + attention(norm(x)) of one head, [N,L,C].
  std::string attention(const std::string& x, const std::string& name) {
    const std::string y = norm(x, name + ".norm");
    const std::string keys = transpose(linear(y, 8, 8, name + ".k"), name + ".kt", {0, 2, 1});
    const std::string scores = node("MatMul", name + ".scores", {linear(y, 8, 8, name + ".q"), keys});
    const std::string shares = node("Softmax", name + ".softmax", {scores}, {{"axis", std::int64_t{-1}}});
    const std::string mixed = node("MatMul", name + ".mixed", {shares, linear(y, 8, 8, name + ".v")});
    return node("Add", name, {x, linear(mixed, 8, 8, name + ".out")});
  }
  std::string patches() {
    graph.inputs = {{"x", {-1, 3, 16, 16}}};
    return node("Conv", "patches", {"x", weight({8, 3, 4, 4}), weight({8})},
                {{"strides", std::vector<std::int64_t>{4, 4}}});
  }
  Graph classifier(const std::string& x, std::vector<std::int64_t> positions, const std::string& name) {
    const std::string mean =
        node("ReduceMean", "mean", {norm(x, "norm")}, {{"axes", std::move(positions)}, {"keepdims", std::int64_t{0}}});
    graph.outputs = {linear(mean, 8, 4, "logits")};
    graph.name = name;
    return std::move(graph);
  }
};

/// Three blocks of attention and MLP on tokens [N,16,8].
inline Graph token_network() {
  Transformer t;
  const std::string rows = t.node("Reshape", "rows", {t.patches(), t.ints({0, 8, 16})});
  std::string x = t.node("Add", "embedded", {t.transpose(rows, "tokens", {0, 2, 1}), t.weight({1, 16, 8})});
  for (const std::string block : {"block1", "block2", "block3"}) {
    x = t.mlp(t.attention(x, block + ".attention"), block + ".mlp");
  }
  return t.classifier(x, {1}, "tokens");
}

/// Three blocks of depthwise convolution and MLP on maps [N,4,4,8].
inline Graph channels_last_network() {
  Transformer t;
  std::string x = t.transpose(t.patches(), "map", {0, 2, 3, 1});
  for (const std::string block : {"block1", "block2", "block3"}) {
    const std::string first = t.transpose(t.norm(x, block + ".norm"), block + ".first", {0, 3, 1, 2});
    const std::string mixed = t.node("Conv", block + ".conv", {first, t.weight({8, 1, 3, 3})},
                                     {{"group", std::int64_t{8}}, {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}});
    x = t.node("Add", block + ".mixed", {x, t.transpose(mixed, block + ".last", {0, 2, 3, 1})});
    x = t.mlp(x, block + ".mlp");
  }
  return t.classifier(x, {1, 2}, "channels last");
}

}  // namespace einet::graph
