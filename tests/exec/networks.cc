#include "exec/networks.h"

#include <algorithm>
#include <cmath>

#include "graph/shape_inference.h"

namespace einet::exec {

void randomise_weights(graph::Graph& graph, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<float> normal;
  std::uniform_real_distribution<float> positive(0.5f, 2.0f);
  for (const graph::Node& node : graph.nodes) {
    if (node.op != "BatchNormalization") continue;
    for (std::size_t i = 1; i < 5; ++i) {
      for (float& value : graph.initializers.at(node.inputs[i]).floats()) {
        value = i == 1 || i == 4 ? positive(random) : normal(random);
      }
    }
  }
}

GraphMaker::GraphMaker(graph::Shape input) {
  graph_.name = "made";
  graph_.inputs.push_back({"input", std::move(input)});
}

std::string GraphMaker::add(const std::string& op, std::vector<std::string> inputs,
                            std::map<std::string, graph::Attribute> attributes) {
  const std::string name = op + std::to_string(++count_);
  graph_.nodes.push_back({op, name, std::move(inputs), {name}, std::move(attributes)});
  return name;
}

std::string GraphMaker::weight(graph::Shape shape, std::vector<float> values) {
  const std::string name = "weight" + std::to_string(++count_);
  graph_.initializers[name] = graph::Tensor(std::move(shape), std::move(values));
  return name;
}

std::string GraphMaker::integers(std::vector<std::int64_t> values) {
  const std::string name = "integers" + std::to_string(++count_);
  const auto size = static_cast<std::int64_t>(values.size());
  graph_.initializers[name] = graph::Tensor({size}, std::move(values));
  return name;
}

graph::Shape GraphMaker::shape(const std::string& value) const { return graph::infer_shapes(graph_, 1).at(value); }

namespace {

class RandomNetwork {
 public:
  explicit RandomNetwork(std::uint64_t seed) : random_(seed), make_({-1, pick(1, 4), pick(6, 13), pick(6, 13)}) {
    values_ = {"input"};
  }

  graph::Graph build() && {
    const std::int64_t blocks = pick(1, 4);
    for (std::int64_t block = 0; block < blocks; ++block) {
      const std::int64_t layers = pick(2, 7);
      for (std::int64_t layer = 0; layer < layers; ++layer) values_.push_back(any_layer());
      exit(values_.back());
    }
    return make_.build();
  }

 private:
  std::int64_t pick(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random_);
  }
  bool flip() { return pick(0, 1) == 1; }

  std::string weight(const graph::Shape& shape, float low, float high) {
    std::uniform_real_distribution<float> uniform(low, high);
    std::vector<float> values(static_cast<std::size_t>(graph::element_count(shape)));
    for (float& value : values) value = uniform(random_);
    return make_.weight(shape, std::move(values));
  }

  // Mostly the newest value, so that networks become deep; sometimes an older one.
  std::string any_value() {
    const auto last = static_cast<std::int64_t>(values_.size()) - 1;
    return values_[static_cast<std::size_t>(flip() ? last : pick(std::max<std::int64_t>(0, last - 4), last))];
  }

  std::vector<std::string> alike(const std::string& x, bool also_channels) {
    const graph::Shape wanted = make_.shape(x);
    std::vector<std::string> result;
    for (const std::string& value : values_) {
      const graph::Shape shape = make_.shape(value);
      const bool fits = shape[2] == wanted[2] && shape[3] == wanted[3] && (!also_channels || shape[1] == wanted[1]);
      if (fits) result.push_back(value);
    }
    return result;
  }

  std::string conv(const std::string& x) {
    const std::int64_t channels = make_.shape(x)[1];
    std::int64_t kernel = std::vector<std::int64_t>{1, 1, 3, 3, 5}[static_cast<std::size_t>(pick(0, 4))];
    std::int64_t groups = 1, outputs = pick(1, 3) == 1 ? pick(1, 40) : pick(2, 9);
    if (pick(0, 5) == 0) {  // Depthwise or few groups.
      groups = flip() ? channels : channels % 2 == 0 ? 2 : 1;
      outputs = groups * pick(1, 3);
    }
    const float bound = 1.5f / std::sqrt(static_cast<float>(channels / groups * kernel * kernel));
    std::vector<std::string> inputs = {x, weight({outputs, channels / groups, kernel, kernel}, -bound, bound)};
    if (flip()) inputs.push_back(weight({outputs}, -0.5f, 0.5f));
    std::map<std::string, graph::Attribute> attributes = {{"group", groups}};
    const std::int64_t stride = small(x) || pick(0, 3) != 0 ? 1 : 2;
    attributes["strides"] = std::vector<std::int64_t>{stride, stride};
    switch (pick(0, 4)) {
      case 0:
        attributes["auto_pad"] = std::string(flip() ? "SAME_UPPER" : "SAME_LOWER");
        break;
      case 1:
        if (kernel == 3) {
          attributes["dilations"] = std::vector<std::int64_t>{2, 2};
          attributes["pads"] = std::vector<std::int64_t>{2, 2, 2, 2};
          break;
        }
        [[fallthrough]];
      default:
        attributes["pads"] = std::vector<std::int64_t>(4, kernel / 2);
    }
    std::string y = make_.add("Conv", inputs, attributes);
    if (flip()) y = batch_norm(y);
    if (pick(0, 3) == 0) y = sum(y);
    if (flip()) y = activation(y);
    return y;
  }

  std::string transposed_conv(const std::string& x) {
    const std::int64_t channels = make_.shape(x)[1], kernel = pick(1, 3), stride = pick(1, 2);
    const std::int64_t groups = channels % 2 == 0 && flip() ? 2 : 1, outputs = pick(1, 4);
    std::vector<std::string> inputs = {x, weight({channels, outputs, kernel, kernel}, -0.5f, 0.5f)};
    if (flip()) inputs.push_back(weight({outputs * groups}, -0.5f, 0.5f));
    return make_.add("ConvTranspose", inputs,
                     {{"group", groups},
                      {"strides", std::vector<std::int64_t>{stride, stride}},
                      {"dilations", std::vector<std::int64_t>{1, pick(1, 2)}},
                      {"pads", std::vector<std::int64_t>{kernel > 1 ? pick(0, 1) : 0, 0, 0, kernel > 1 ? 1 : 0}},
                      {"output_padding", std::vector<std::int64_t>{stride - 1, 0}}});
  }

  bool small(const std::string& x) {
    const graph::Shape shape = make_.shape(x);
    return shape[2] < 4 || shape[3] < 4;
  }

  std::string batch_norm(const std::string& x) {
    const std::int64_t channels = make_.shape(x)[1];
    return make_.add("BatchNormalization",
                     {x, weight({channels}, 0.5f, 1.5f), weight({channels}, -0.5f, 0.5f),
                      weight({channels}, -0.5f, 0.5f), weight({channels}, 0.5f, 1.5f)},
                     {{"epsilon", 1e-3f}});
  }

  // Layer normalisation is over the channels, as in ConvNeXt.
  std::string normalization(const std::string& x) {
    const std::int64_t channels = make_.shape(x)[1];
    const std::string scale = weight({channels}, 0.5f, 1.5f), bias = weight({channels}, -0.5f, 0.5f);
    const std::map<std::string, graph::Attribute> epsilon = {{"epsilon", 1e-2f}};
    switch (pick(0, 2)) {
      case 0:
        return make_.add("InstanceNormalization", {x, scale, bias}, epsilon);
      case 1:
        return make_.add("GroupNormalization", {x, scale, bias},
                         {{"epsilon", 1e-2f}, {"num_groups", channels % 2 == 0 ? channels / 2 : std::int64_t{1}}});
      default: {
        const std::vector<std::int64_t> last = {0, 2, 3, 1}, first = {0, 3, 1, 2};
        const std::string rows = make_.add("Transpose", {x}, {{"perm", last}});
        return make_.add("Transpose", {make_.add("LayerNormalization", {rows, scale, bias}, epsilon)},
                         {{"perm", first}});
      }
    }
  }

  // Spatial attention, as in CBAM.
  std::string attended(const std::string& x) {
    static const std::vector<std::string> kReductions = {"ReduceMax", "ReduceSum", "ReduceMean", "ReduceL2",
                                                         "ReduceMin"};
    const std::string& op = kReductions[static_cast<std::size_t>(pick(0, 4))];
    const std::string map = make_.add(op, {x}, {{"axes", std::vector<std::int64_t>{flip() ? 1 : -2}}});
    return make_.add("Mul", {x, make_.add("Sigmoid", {map})});
  }

  std::string activation(const std::string& x) {
    switch (pick(0, 17)) {
      case 17:
        return make_.add(flip() ? "Sin" : "Cos", {x});
      case 13:
        return make_.add(flip() ? "Mish" : "Softplus", {x});
      case 14:
        return make_.add("Gelu", {x}, {{"approximate", std::string(flip() ? "none" : "tanh")}});
      case 15:
        return make_.add(flip() ? "Erf" : "Abs", {x});
      case 16:
        return make_.add(flip() ? "Max" : "Min", {x, weight({}, -0.5f, 0.5f)});
      case 8:
        return make_.add("Elu", {x}, {{"alpha", 0.5f}});
      case 9:
        return make_.add("HardSigmoid", {x});
      case 10:
        return flip() ? make_.add("HardSwish", {x}) : make_.add("Swish", {x}, {{"alpha", flip() ? 1.0f : 1.5f}});
      case 11:
        if (make_.shape(x).size() == 2) return make_.add("PRelu", {x, weight({make_.shape(x)[1]}, -0.5f, 0.5f)});
        return make_.add("PRelu", {x, weight({make_.shape(x)[1], 1, 1}, -0.5f, 0.5f)});
      case 0:
        return make_.add("LeakyRelu", {x}, {{"alpha", 0.1f}});
      case 1:
        return make_.add("Clip", {x, weight({}, -0.5f, -0.5f), weight({}, 1.0f, 1.0f)});
      case 2:
        return make_.add("Sigmoid", {x});
      case 3:
        return make_.add("Tanh", {x});
      default:
        return make_.add("Relu", {x});
    }
  }

  std::string pool(const std::string& x) {
    if (small(x)) return activation(x);
    const std::int64_t kernel = pick(2, 3), padding = pick(0, kernel - 1);
    std::map<std::string, graph::Attribute> attributes = {
        {"kernel_shape", std::vector<std::int64_t>{kernel, kernel}},
        {"strides", std::vector<std::int64_t>(2, pick(1, 2))},
        {"pads", std::vector<std::int64_t>{padding, padding, pick(0, padding), padding}},
        {"ceil_mode", pick(0, 1)}};
    if (flip()) return make_.add("MaxPool", {x}, attributes);
    attributes["count_include_pad"] = pick(0, 1);
    return make_.add("AveragePool", {x}, attributes);
  }

  std::string concat(const std::string& x) {
    std::vector<std::string> inputs = {x};
    const std::vector<std::string> others = alike(x, false);
    for (std::int64_t i = pick(1, 3); i > 0 && make_.shape(x)[1] < 40; --i) {
      inputs.push_back(others[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(others.size()) - 1))]);
    }
    return make_.add("Concat", inputs, {{"axis", flip() ? std::int64_t{1} : std::int64_t{-3}}});
  }

  // With another value of the same shape, or a constant.
  std::string sum(const std::string& x) {
    const std::int64_t channels = make_.shape(x)[1];
    const std::vector<std::string> others = alike(x, true);
    const std::string op = std::vector<std::string>{"Add", "Add", "Sub", "Mul"}[static_cast<std::size_t>(pick(0, 3))];
    std::string y = weight(flip() ? graph::Shape{channels, 1, 1} : graph::Shape{}, -1.0f, 1.0f);
    if (pick(0, 2) != 0 && !others.empty()) {
      y = others[static_cast<std::size_t>(pick(0, static_cast<std::int64_t>(others.size()) - 1))];
    }
    if (pick(0, 5) == 0) {
      const std::string bound = weight(flip() ? graph::Shape{channels, 1, 1} : graph::Shape{}, -0.5f, 0.5f);
      const std::string holds = make_.add("Greater", {x, bound});
      return flip() ? make_.add("Where", {holds, x, y}) : make_.add("Where", {holds, y, x});
    }
    return flip() ? make_.add(op, {x, y}) : make_.add(op, {y, x});
  }

  // Squeeze-and-excitation, in one of the forms written by exporters.
  std::string excited(const std::string& x) {
    const std::string squeezed =
        flip()
            ? make_.add(flip() ? "GlobalAveragePool" : "GlobalMaxPool", {x})
            : make_.add("ReduceMean", {x}, {{"axes", std::vector<std::int64_t>{2, 3}}, {"keepdims", std::int64_t{1}}});
    const std::string scale = activation(squeezed);
    if (pick(0, 3) == 0)
      return make_.add("Div", {x, make_.add("Add", {make_.add("Sigmoid", {scale}), weight({}, 1, 2)})});
    return flip() ? make_.add("Mul", {x, scale}) : make_.add("Sub", {scale, x});
  }

  // Operators that move elements.
  std::string arranged(const std::string& x) {
    const graph::Shape shape = make_.shape(x);
    switch (pick(0, 8)) {
      case 7: {
        if (shape[2] * shape[3] > 200) return x;
        static const std::vector<std::string> kPlaces = {"half_pixel", "pytorch_half_pixel", "align_corners",
                                                         "asymmetric"};
        return make_.add("Resize", {x, "", make_.weight({4}, {1, 1, flip() ? 2.0f : 0.6f, 1.5f})},
                         {{"mode", std::string(flip() ? "linear" : "cubic")},
                          {"coordinate_transformation_mode", kPlaces[static_cast<std::size_t>(pick(0, 3))]}});
      }
      case 8:
        return shape[2] * shape[3] > 200 ? x : transposed_conv(x);
      case 0: {  // Channel shuffle.
        const std::int64_t groups = shape[1] % 2 == 0 ? 2 : 1;
        const std::string apart =
            make_.add("Reshape", {x, make_.integers({0, groups, shape[1] / groups, shape[2], shape[3]})});
        const std::string turned =
            make_.add("Transpose", {apart}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3, 4}}});
        return make_.add("Reshape", {turned, make_.integers({0, shape[1], shape[2], shape[3]})});
      }
      case 1:
        return make_.add("Slice", {x, make_.integers({0}), make_.integers({(shape[1] + 1) / 2}), make_.integers({1})});
      case 2:
        return make_.add("Slice", {x, make_.integers({-1, 0}), make_.integers({-100, 100}), make_.integers({3, 2}),
                                   make_.integers({-1, 2})});
      case 3:
        return make_.add("Pad", {x, make_.integers({0, 0, 1, 0, 0, pick(0, 1), 0, 2}), weight({}, -1, 1)});
      case 4:
        if (shape[2] * shape[3] > 200) return x;
        return make_.add("Resize", {x, "", make_.weight({4}, {1, 1, 2, 1.5f})},
                         {{"nearest_mode", std::string("floor")}});
      case 5:
        return make_.add("Transpose", {x}, {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
      default:
        return make_.add("Softmax", {x}, {{"axis", pick(1, 3)}});
    }
  }

  // Multi-head attention over the pixels, as written by torch.onnx.export: one projection, divided by Gather, Split or
  // Slice.
  std::string attention(const std::string& x) {
    const graph::Shape shape = make_.shape(x);
    const std::int64_t heads = pick(1, 3), size = pick(2, 5), area = shape[2] * shape[3], width = heads * size;
    if (area > 100) return x;
    const float bound = 1.5f / std::sqrt(static_cast<float>(shape[1]));
    const auto transposed = [&](const std::string& value, std::vector<std::int64_t> perm) {
      return make_.add("Transpose", {value}, {{"perm", std::move(perm)}});
    };
    const std::string pixels = transposed(make_.add("Reshape", {x, make_.integers({0, 0, -1})}), {0, 2, 1});
    std::string qkv = make_.add("MatMul", {pixels, weight({shape[1], 3 * width}, -bound, bound)});
    if (flip()) qkv = make_.add("Add", {qkv, weight({3 * width}, -0.5f, 0.5f)});
    std::vector<std::string> parts;
    const std::int64_t how = pick(0, 2);
    std::string all;  // [3,N,heads,area,size]
    if (how == 0) {
      all = transposed(make_.add("Reshape", {qkv, make_.integers({0, 0, 3, heads, size})}), {2, 0, 3, 1, 4});
    }
    for (std::int64_t i = 0; i < 3; ++i) {
      if (how == 0) {
        const std::string index = make_.integers({flip() ? i : i - 3});
        const std::string part = make_.add("Gather", {all, index}, {{"axis", std::int64_t{0}}});
        parts.push_back(make_.add("Reshape", {part, make_.integers({-1, heads, area, size})}));
      } else {
        const std::string part = make_.add(
            "Slice",
            {qkv, make_.integers({i * width}), make_.integers({(i + 1) * width}), make_.integers({how == 1 ? 2 : -1})});
        parts.push_back(transposed(make_.add("Reshape", {part, make_.integers({0, 0, heads, size})}), {0, 2, 1, 3}));
      }
    }
    std::string scores = make_.add("MatMul", {parts[0], transposed(parts[1], {0, 1, 3, 2})});
    if (flip()) scores = make_.add("Add", {scores, weight({heads, area, area}, -1.0f, 1.0f)});
    if (flip()) scores = make_.add("Mul", {scores, weight({}, 0.4f, 0.5f)});
    const std::string mixed = make_.add("MatMul", {make_.add("Softmax", {scores}), parts[2]});
    const std::string rows = make_.add("Reshape", {transposed(mixed, {0, 2, 1, 3}), make_.integers({0, 0, width})});
    return make_.add("Reshape", {transposed(rows, {0, 2, 1}), make_.integers({0, width, shape[2], shape[3]})});
  }

  // A roll over the columns, then an operator that repeats or selects elements.
  std::string rolled(const std::string& x) {
    const graph::Shape shape = make_.shape(x);
    const std::int64_t cut = pick(1, shape[3] - 1);
    const auto part = [&](std::int64_t from, std::int64_t to) {
      return make_.add("Slice", {x, make_.integers({from}), make_.integers({to}), make_.integers({3})});
    };
    switch (shape[3] == 1 ? 3 : pick(0, 3)) {
      case 0:
        return make_.add("Concat", {part(cut, shape[3]), part(0, cut)}, {{"axis", std::int64_t{3}}});
      case 1:
        return make_.add("Gather", {x, make_.integers({-1, 0, cut, cut})}, {{"axis", std::int64_t{3}}});
      case 2:
        if (shape[2] * shape[3] > 100) return x;
        return make_.add("Tile", {x, make_.integers({1, 1, 2, 1})});
      default: {
        const std::string row = make_.add("ReduceMax", {x}, {{"axes", std::vector<std::int64_t>{3}}});
        return make_.add("Expand", {row, make_.integers({shape[1], 1, 3})});
      }
    }
  }

  std::string any_layer() {
    const std::string x = any_value();
    switch (pick(0, 17)) {
      case 16:
        return attention(x);
      case 17:
        return rolled(x);
      case 14:
        return normalization(x);
      case 15:
        return attended(x);
      case 12:
        return excited(x);
      case 13:
        return arranged(x);
      case 0:
        return pool(x);
      case 1:
      case 2:
      case 3:
        return concat(x);
      case 4:
        return sum(x);
      case 5:
        return make_.add("LRN", {x}, {{"size", pick(1, 5)}, {"alpha", 0.05f}, {"beta", flip() ? 0.75f : 0.6f}});
      case 6:
        return flip() ? batch_norm(x) : activation(x);
      default:
        return conv(x);
    }
  }

  std::string linear(const std::string& x, std::int64_t outputs) {
    const std::int64_t inputs = make_.shape(x)[1];
    const float bound = 1.5f / std::sqrt(static_cast<float>(inputs));
    if (pick(0, 3) == 0) return make_.add("MatMul", {x, weight({inputs, outputs}, -bound, bound)});
    const std::string bias = weight({outputs}, -0.5f, 0.5f);
    if (flip()) {
      return make_.add("Gemm", {x, weight({outputs, inputs}, -bound, bound), bias}, {{"transB", std::int64_t{1}}});
    }
    return make_.add("Gemm", {x, weight({inputs, outputs}, -bound, bound), bias}, {{"alpha", 0.5f}, {"beta", 2.0f}});
  }

  void exit(std::string x) {
    const std::int64_t kind = pick(0, 5);
    if (kind == 0) return make_.exit(make_.add("GlobalAveragePool", {x}));
    if (kind == 1) return make_.exit(make_.add("Flatten", {x}));
    if (flip()) x = conv(x);
    x = flip() ? make_.add("Flatten", {x}) : make_.add("Reshape", {x, make_.integers({0, -1})});
    if (pick(0, 3) == 0) x = activation(x);
    if (pick(0, 3) == 0) x = batch_norm(x);
    if (flip()) x = make_.add("Dropout", {x});
    x = activation(linear(x, pick(1, 33)));
    if (pick(0, 3) == 0) x = make_.add("Concat", {x, x}, {{"axis", std::int64_t{1}}});
    x = linear(x, 10);
    if (kind == 2) x = make_.add("Softmax", {x});
    make_.exit(x);
  }

  std::mt19937_64 random_;
  GraphMaker make_;
  std::vector<std::string> values_;
};

}  // namespace

graph::Graph random_network(std::uint64_t seed) { return RandomNetwork(seed).build(); }

}  // namespace einet::exec
