#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <limits>

#include "core/half.h"
#include "expect_error.h"
#include "graph/networks.h"
#include "graph/onnx_file.h"
#include "graph/shape_inference.h"
#include "io/file.h"
#include "io/temporary_directory.h"

namespace einet::graph {
namespace {

const auto kStorages = {WeightStorage::kFloat32, WeightStorage::kFloat16, WeightStorage::kNone};

void expect_same_structure(const Graph& a, const Graph& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.outputs, b.outputs);
  ASSERT_EQ(a.inputs.size(), b.inputs.size());
  EXPECT_EQ(a.inputs[0].name, b.inputs[0].name);
  EXPECT_EQ(a.inputs[0].shape, b.inputs[0].shape);
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    EXPECT_EQ(a.nodes[i].op, b.nodes[i].op);
    EXPECT_EQ(a.nodes[i].name, b.nodes[i].name);
    EXPECT_EQ(a.nodes[i].inputs, b.nodes[i].inputs);
    EXPECT_EQ(a.nodes[i].outputs, b.nodes[i].outputs);
    ASSERT_EQ(a.nodes[i].attributes.size(), b.nodes[i].attributes.size());
    for (const auto& [key, value] : a.nodes[i].attributes) {
      const Attribute& other = b.nodes[i].attributes.at(key);
      ASSERT_EQ(value.index(), other.index()) << key;
      if (!std::holds_alternative<Tensor>(value)) {
        std::visit(
            [&, &key = key](const auto& held) {
              using Held = std::decay_t<decltype(held)>;
              if constexpr (!std::is_same_v<Held, Tensor>) {
                EXPECT_EQ(held, std::get<Held>(other)) << key;
              }
            },
            value);
      }
    }
  }
  ASSERT_EQ(a.initializers.size(), b.initializers.size());
  for (const auto& [name, tensor] : a.initializers) EXPECT_EQ(tensor.shape, b.initializers.at(name).shape) << name;
}

TEST(SaveOnnx, RoundTripInFloat32) {
  const Graph graph = small_network();
  const Graph back = parse_onnx(format_onnx(graph), "memory");
  expect_same_structure(graph, back);
  for (const auto& [name, tensor] : graph.initializers) EXPECT_EQ(tensor.data, back.initializers.at(name).data) << name;
}

TEST(SaveOnnx, RoundTripInFloat16RoundsTheWeights) {
  const Graph graph = small_network();
  const Graph back = parse_onnx(format_onnx(graph, WeightStorage::kFloat16), "memory");
  expect_same_structure(graph, back);
  for (const auto& [name, tensor] : graph.initializers) {
    const auto& loaded = back.initializers.at(name).floats();
    for (std::size_t i = 0; i < loaded.size(); ++i) {
      EXPECT_EQ(loaded[i], half_to_float(float_to_half(tensor.floats()[i]))) << name;
    }
  }
  // Rounding twice changes nothing.
  EXPECT_EQ(format_onnx(back, WeightStorage::kFloat16), format_onnx(graph, WeightStorage::kFloat16));
}

TEST(SaveOnnx, Float16HalvesTheFile) {
  Builder b("wide", 3, 16, 16, 1);
  b.exit(b.linear(b.flatten(b.input(), "f"), 100, "fc"));
  const Graph graph = std::move(b).build();
  const auto full = format_onnx(graph).size(), half = format_onnx(graph, WeightStorage::kFloat16).size();
  EXPECT_LT(static_cast<double>(half), 0.51 * static_cast<double>(full));
}

TEST(SaveOnnx, WithoutWeightsKeepsTheStructure) {
  const Graph graph = small_network();
  const std::string bytes = format_onnx(graph, WeightStorage::kNone);
  const Graph back = parse_onnx(bytes, "memory");
  expect_same_structure(graph, back);
  for (const auto& [name, tensor] : back.initializers) {
    if (!tensor.is_float() || tensor.floats().size() == 1) continue;
    for (const float value : tensor.floats()) EXPECT_EQ(value, 0.0f) << name;
  }
  EXPECT_EQ(format_onnx(back, WeightStorage::kNone), bytes);
  EXPECT_LT(bytes.size(), format_onnx(graph, WeightStorage::kFloat16).size());
}

TEST(SaveOnnx, WeightStorageHasNames) {
  for (const WeightStorage storage : kStorages) EXPECT_EQ(parse_weight_storage(to_string(storage)), storage);
  EXPECT_EQ(parse_weight_storage("float64"), std::nullopt);
}

TEST(SaveOnnx, PassesTheOnnxChecker) {
  for (const WeightStorage storage : kStorages) {
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(format_onnx(small_network(), storage)));
    EXPECT_NO_THROW(onnx::checker::check_model(model));
    const onnx::ShapeInferenceOptions strict{/*check_type=*/true, /*strict_mode=*/1, /*data_prop=*/true};
    EXPECT_NO_THROW(onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), strict));
    EXPECT_EQ(model.opset_import(0).version(), 13);
    EXPECT_EQ(model.ir_version(), 8);
    const auto& shape = model.graph().input(0).type().tensor_type().shape();
    EXPECT_EQ(shape.dim(0).dim_param(), "N");
    EXPECT_EQ(model.graph().output(1).type().tensor_type().shape().dim(0).dim_param(), "N");
    EXPECT_EQ(model.graph().output(1).type().tensor_type().shape().dim(1).dim_value(), 10);
  }
}

// Operators newer than opset 17 are written in decomposed form, from which loading restores them.
TEST(SaveOnnx, GroupNormalizationKeepsItsParameters) {
  for (const std::int64_t groups : {1, 2, 4}) {
    Graph graph;
    graph.name = "groups";
    graph.inputs = {{"x", {-1, 4, 3, 5}}};
    graph.outputs = {"y"};
    graph.initializers.emplace("scale", Tensor({4}, std::vector<float>{1, 2, 3, 4}));
    graph.initializers.emplace("bias", Tensor({4}, std::vector<float>{-1, 0, 1, 2}));
    graph.nodes = {
        {"GroupNormalization", "norm", {"x", "scale", "bias"}, {"n"}, {{"num_groups", groups}, {"epsilon", 0.25f}}},
        {"Relu", "relu", {"n"}, {"r"}, {}},
        {"Flatten", "flat", {"r"}, {"y"}, {}}};
    const std::string bytes = format_onnx(graph);
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(bytes));
    EXPECT_EQ(model.opset_import(0).version(), 13);
    EXPECT_NO_THROW(onnx::checker::check_model(model));
    const onnx::ShapeInferenceOptions strict{/*check_type=*/true, /*strict_mode=*/1, /*data_prop=*/true};
    EXPECT_NO_THROW(onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), strict));
    for (const std::int64_t batch : {-1, 1}) {
      graph.inputs[0].shape[0] = batch;
      const Graph back = parse_onnx(format_onnx(graph), "memory");
      ASSERT_EQ(back.nodes.size(), 3u);
      const Node& norm = back.nodes[0];
      EXPECT_EQ(norm.op, "GroupNormalization");
      EXPECT_EQ(norm.name, "norm");
      EXPECT_EQ(norm.attribute("num_groups", std::int64_t{0}), groups);
      EXPECT_EQ(norm.attribute("epsilon", 0.0f), 0.25f);
      EXPECT_EQ(back.constant(norm.inputs[1])->floats(), graph.constant("scale")->floats());
      EXPECT_EQ(back.constant(norm.inputs[2])->floats(), graph.constant("bias")->floats());
      EXPECT_EQ(format_onnx(back), format_onnx(graph));
    }
  }
}

TEST(SaveOnnx, KeepsPreprocessing) {
  Graph graph = small_network();
  graph.preprocessing = {.resize = {256}, .crop = {224, 320}, .interpolation = Interpolation::kBicubic};
  graph.normalization = {{0.485f, 0.456f, 1e-7f}, {0.229f, 0.224f, 0.1f}};
  const Graph back = parse_onnx(format_onnx(graph), "memory");
  EXPECT_EQ(back.preprocessing, graph.preprocessing);
  EXPECT_EQ(back.normalization.mean, graph.normalization.mean);
  EXPECT_EQ(back.normalization.stddev, graph.normalization.stddev);
  const Graph plain = parse_onnx(format_onnx(small_network()), "memory");
  EXPECT_FALSE(plain.preprocessing.given());
  EXPECT_TRUE(plain.normalization.mean.empty());
}

TEST(SaveOnnx, RejectsInvalidProperties) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"einet.resize", "256x"},    {"einet.resize", "0"}, {"einet.resize", "1x2x3"},   {"einet.crop", "224"},
      {"einet.crop", "224x99999"}, {"einet.crop", "axb"}, {"einet.mean", "0.5"},       {"einet.stddev", "1,1"},
      {"einet.mean", "0.5,"},      {"einet.mean", "nan"}, {"einet.interpolation", ""}, {"einet.resize", ""},
      {"einet.head", "relu"},      {"einet.mean", "1e99"}};
  for (const auto& [key, value] : wrong) {
    onnx::ModelProto model;
    ASSERT_TRUE(model.ParseFromString(format_onnx(small_network())));
    auto* property = model.add_metadata_props();
    property->set_key(key);
    property->set_value(value);
    expect_error(ErrorKind::kInvalidData, key, [&] { parse_onnx(model.SerializeAsString(), "memory"); });
  }
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(format_onnx(small_network())));
  for (const auto& [key, value] : {std::pair{"einet.mean", "0,0,0"}, std::pair{"einet.stddev", "1,0,1"}}) {
    auto* property = model.add_metadata_props();
    property->set_key(key);
    property->set_value(value);
  }
  expect_error(ErrorKind::kInvalidData, "einet.stddev", [&] { parse_onnx(model.SerializeAsString(), "memory"); });
}

// ONNX's own shape inference serves as the oracle.
TEST(SaveOnnx, OnnxInfersTheSameShapes) {
  Graph graph = small_network();
  graph.inputs[0].shape[0] = 2;
  onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(format_onnx(graph)));
  onnx::shape_inference::InferShapes(model);
  const Shapes shapes = infer_shapes(graph);
  EXPECT_GT(model.graph().value_info_size(), 15);
  for (const auto& info : model.graph().value_info()) {
    Shape shape;
    for (const auto& dimension : info.type().tensor_type().shape().dim()) shape.push_back(dimension.dim_value());
    EXPECT_EQ(shapes.at(info.name()), shape) << info.name();
  }
}

TEST(SaveOnnx, EqualGraphsGiveEqualBytes) {
  for (const WeightStorage storage : kStorages) {
    const Graph graph = small_network();
    Graph shuffled = graph;  // The order of a hash map must have no effect.
    shuffled.initializers.clear();
    shuffled.initializers.rehash(1000);
    for (const auto& [name, tensor] : graph.initializers) shuffled.initializers[name] = tensor;
    EXPECT_EQ(format_onnx(graph, storage), format_onnx(shuffled, storage));
  }
}

TEST(SaveOnnx, NamesOfCastsDoNotCollide) {
  Builder b("b", 3, 8, 8, 1);
  const std::string x = b.conv(b.input(), 4, {}, "c");
  b.exit(b.linear(b.flatten(b.relu(x, "c.weight.f16"), "c.weight.cast"), 4, "fc"));
  const Graph graph = std::move(b).build();
  expect_same_structure(graph, parse_onnx(format_onnx(graph, WeightStorage::kFloat16), "memory"));
}

TEST(SaveOnnx, BoundsKeepTheirPrecision) {
  Graph graph = small_network();
  graph.nodes.push_back({"Clip", "clip", {"exit2", "low", "high"}, {"exit3"}, {}});
  graph.outputs[1] = "exit3";
  graph.initializers["low"] = Tensor({}, std::vector<float>{-1e30f});
  graph.initializers["high"] = Tensor({}, std::vector<float>{std::numeric_limits<float>::infinity()});
  const Graph back = parse_onnx(format_onnx(graph, WeightStorage::kFloat16), "memory");
  EXPECT_EQ(back.initializers.at("low").floats()[0], -1e30f);
  EXPECT_EQ(back.initializers.at("high").data, graph.initializers.at("high").data);
}

TEST(SaveOnnx, RejectsInvalidGraphsAndLeavesNoFile) {
  const TemporaryDirectory folder;
  Graph diverged = small_network();
  diverged.initializers.at("fc1.bias").floats()[2] = std::numeric_limits<float>::quiet_NaN();
  expect_error(ErrorKind::kInvalidData, "m.onnx: initializer 'fc1.bias': contains NaN",
               [&] { save_onnx(diverged, folder / "m.onnx"); });
  Graph large = small_network();
  large.initializers.at("fc1.bias").floats()[2] = 1e6f;
  EXPECT_NO_THROW(format_onnx(large));
  expect_error(ErrorKind::kInvalidData, "too large for float16", [&] { format_onnx(large, WeightStorage::kFloat16); });
  Graph invalid = small_network();
  invalid.outputs.push_back("nothing");
  expect_error(ErrorKind::kInvalidData, "output 'nothing'", [&] { save_onnx(invalid, folder / "m.onnx"); });
  EXPECT_TRUE(folder.names().empty());
}

TEST(SaveOnnx, SavesAndLoadsAFile) {
  const TemporaryDirectory folder;
  save_onnx(small_network(), folder / "m.onnx");
  expect_same_structure(small_network(), load_onnx(folder / "m.onnx"));
  EXPECT_EQ(io::read_file(folder / "m.onnx"), format_onnx(small_network()));
}

}  // namespace
}  // namespace einet::graph
