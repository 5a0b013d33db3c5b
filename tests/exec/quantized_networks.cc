#include "exec/quantized_networks.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "exec/networks.h"

namespace einet::exec {
namespace {

class QuantizedMaker {
 public:
  QuantizedMaker(std::uint64_t seed, bool exact)
      : random_(seed), exact_(exact), make_({-1, pick(1, 20), pick(4, 9), pick(4, 9)}) {}

  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool flip() { return pick(0, 1) == 1; }

  // Around 2^exponent.
  float scale(int exponent) {
    const float power = std::ldexp(1.0f, exponent);
    return exact_ ? power : power * std::uniform_real_distribution<float>(0.6f, 1.7f)(random_);
  }

  graph::Grid grid(int exponent) {
    graph::Grid grid{.scale = scale(exponent)};
    if (flip()) {
      grid.low = -128;
      grid.high = 127;
    }
    const std::int64_t kind = pick(0, 3);
    if (kind == 0) grid.zero = static_cast<std::int32_t>(pick(grid.low, grid.high));
    if (kind == 1) grid.zero = grid.low + 128;
    return grid;
  }

  std::string quantize(const std::string& x, const graph::Grid& grid) {
    graph::Node node = graph::fake_quantize("", x, grid);
    return make_.add("FakeQuantize", {x}, node.attributes);
  }

  // Weights of the shape, whose outputs are dimension `axis`.
  std::string weights(const graph::Shape& shape, std::int64_t axis) {
    const auto outputs = static_cast<std::size_t>(shape[static_cast<std::size_t>(axis)]);
    graph::QuantizedConstant by{{}, axis, 8};
    if (pick(0, 3) == 0) {
      by.scales = {scale(-5)};
    } else {
      for (std::size_t m = 0; m < outputs; ++m) by.scales.push_back(scale(static_cast<int>(pick(-7, -4))));
    }
    std::size_t inner = 1;
    for (auto d = static_cast<std::size_t>(axis) + 1; d < shape.size(); ++d)
      inner *= static_cast<std::size_t>(shape[d]);
    std::vector<float> values(static_cast<std::size_t>(graph::element_count(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const float by_channel = by.scales[by.scales.size() == 1 ? 0 : i / inner % outputs];
      values[i] = static_cast<float>(pick(-127, 127)) * by_channel;
    }
    std::string name = make_.weight(shape, std::move(values));
    quantized_[name] = std::move(by);
    return name;
  }

  std::string bias(std::int64_t count) {
    std::vector<float> values;
    for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(pick(-99, 99)) / 8.0f);
    return make_.weight({count}, std::move(values));
  }

  std::string convolution(const std::string& x, std::int64_t outputs, std::int64_t stride) {
    const std::int64_t inputs = make_.shape(x)[1], kernel = flip() ? 3 : 1;
    const bool depthwise = pick(0, 5) == 0;
    const std::int64_t groups = depthwise ? inputs : 1;
    if (depthwise) outputs = inputs;
    std::vector<std::string> in = {x, weights({outputs, inputs / groups, kernel, kernel}, 0)};
    if (flip()) in.push_back(bias(outputs));
    return make_.add("Conv", std::move(in),
                     {{"group", groups},
                      {"strides", std::vector<std::int64_t>{stride, stride}},
                      {"pads", std::vector<std::int64_t>(4, kernel / 2)}});
  }

  std::string clamp(const std::string& x) {
    const std::int64_t kind = pick(0, 3);
    if (kind == 0) return x;
    if (kind == 1) return make_.add("Clip", {x, make_.weight({}, {-1.25f}), make_.weight({}, {6.0f})});
    return make_.add("Relu", {x});
  }

  std::string exit(const std::string& x, bool on_grid) {
    const std::string flat = make_.add("Flatten", {x});
    const std::string in = !on_grid || flip() ? quantize(flat, grid(0)) : flat;
    const std::int64_t inputs = make_.shape(flat)[1], outputs = pick(2, 40);
    const bool turned = flip();
    const std::string w = turned ? weights({outputs, inputs}, 0) : weights({inputs, outputs}, 1);
    const std::string y = make_.add("Gemm", {in, w, bias(outputs)}, {{"transB", std::int64_t{turned}}});
    make_.exit(y);
    return y;
  }

  GraphMaker& make() { return make_; }
  graph::Graph build() {
    graph::Graph graph = make_.build();
    graph.quantized.insert(quantized_.begin(), quantized_.end());
    return graph;
  }

 private:
  std::mt19937_64 random_;
  bool exact_;
  GraphMaker make_;
  std::map<std::string, graph::QuantizedConstant> quantized_;
};

}  // namespace

graph::Graph random_quantized_network(std::uint64_t seed) {
  QuantizedMaker maker(seed, true);
  GraphMaker& make = maker.make();
  std::string x = maker.quantize("input", maker.grid(-4));
  bool on_grid = true;  // Otherwise it may only be added.
  const std::int64_t blocks = maker.pick(1, 4);
  for (std::int64_t block = 0; block < blocks; ++block) {
    const std::int64_t layers = maker.pick(1, 3);
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      const graph::Shape before = make.shape(x);
      const std::string added = x;
      if (!on_grid) x = maker.quantize(x, maker.grid(0));
      const bool adds = maker.flip();
      std::string y = maker.convolution(x, adds ? before[1] : maker.pick(1, 40), adds ? 1 : maker.pick(1, 2));
      if (adds) y = make.add("Add", maker.flip() ? std::vector{y, added} : std::vector{added, y});
      y = maker.clamp(y);
      on_grid = maker.pick(0, 7) != 0;
      if (on_grid) y = maker.quantize(y, maker.grid(static_cast<int>(maker.pick(-2, 1))));
      const graph::Shape after = make.shape(y);
      if (maker.pick(0, 3) == 0 && after[2] > 2 && after[3] > 2) {
        y = make.add("MaxPool", {y},
                     {{"kernel_shape", std::vector<std::int64_t>{3, 2}},
                      {"strides", std::vector<std::int64_t>{maker.pick(1, 2), 1}},
                      {"pads", std::vector<std::int64_t>{1, 0, 1, 1}}});
      } else if (maker.pick(0, 3) == 0 && after == before) {
        y = make.add("Concat", {x, y}, {{"axis", std::int64_t{1}}});
        if (maker.flip()) y = maker.quantize(y, maker.grid(0));
      }
      x = y;
    }
    maker.exit(x, on_grid);
  }
  return maker.build();
}

graph::Graph random_quantized_layer(std::uint64_t seed, float& step) {
  QuantizedMaker maker(seed, false);
  GraphMaker& make = maker.make();
  const std::string x = maker.quantize("input", maker.grid(-5));
  std::string y = maker.convolution(x, maker.pick(1, 40), maker.pick(1, 2));
  static const std::vector<std::string> kActivations = {"", "Relu", "LeakyRelu", "Sigmoid", "Tanh", "HardSwish", "Elu"};
  const std::string& op = kActivations[static_cast<std::size_t>(maker.pick(0, 6))];
  if (!op.empty()) y = make.add(op, {y});
  const graph::Grid grid = maker.grid(op == "Sigmoid" || op == "Tanh" ? -7 : -2);
  step = grid.scale;
  make.exit(make.add("Flatten", {maker.quantize(y, grid)}));
  return maker.build();
}

}  // namespace einet::exec
