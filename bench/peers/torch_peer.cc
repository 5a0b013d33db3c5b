// The graph is written as TorchScript source, one line per node, with weights as attributes of the module; libtorch
// parses, freezes and optimises it like a module from Python.

#include "torch_peer.h"

#include <ATen/Parallel.h>
#include <torch/script.h>

#include <sstream>
#include <unordered_map>

#include "einet/error.h"
#include "graph/shape_inference.h"
#include "graph/window.h"

namespace einet::peers {
namespace {

using Ints = std::vector<std::int64_t>;

std::string list(const Ints& values) {
  std::string text = "[";
  for (const std::int64_t value : values) text += (text.size() > 1 ? ", " : "") + std::to_string(value);
  return text + "]";
}

class Translation {
 public:
  Translation(const graph::Graph& graph, torch::jit::Module& module)
      : graph_(graph), module_(module), shapes_(graph::infer_shapes(graph, 1)) {}

  std::string source() {
    names_[graph_.inputs.front().name] = "x";
    body_ << "def forward(self, x):\n";
    for (const graph::Node& node : graph_.nodes) add(node);
    body_ << "    return (";
    for (const std::string& output : graph_.outputs) body_ << value(output) << ", ";
    body_ << ")\n";
    return body_.str();
  }

 private:
  std::string value(const std::string& name) {
    const auto found = names_.find(name);
    if (found != names_.end()) return found->second;
    const graph::Tensor* constant = graph_.constant(name);
    if (constant == nullptr) throw Error(ErrorKind::kInternal, name, "is produced by no earlier node");
    const std::string attribute = "w" + std::to_string(names_.size());
    torch::Tensor tensor = constant->is_float() ? torch::tensor(constant->floats()).reshape(constant->shape)
                                                : torch::tensor(constant->ints()).reshape(constant->shape);
    module_.register_buffer(attribute, tensor);
    return names_[name] = "self." + attribute;
  }

  std::string optional(const graph::Node& node, std::size_t i) {
    return i < node.inputs.size() && !node.inputs[i].empty() ? value(node.inputs[i]) : "None";
  }

  graph::WindowGeometry window(const graph::Node& node, const Ints& kernel) const {
    return graph::window_geometry(node, shapes_.at(node.inputs[0]), kernel);
  }

  static std::string number(float value) {
    std::ostringstream text;
    text.precision(9);
    text << std::showpoint << value;
    return text.str();
  }

  // `x`, padded explicitly if the padding is not the same on both sides.
  static std::string padded(const std::string& x, const graph::WindowGeometry& w, const char* with) {
    if (w.pads_begin == w.pads_end) return x;
    return "torch.constant_pad_nd(" + x + ", " +
           list({w.pads_begin[1], w.pads_end[1], w.pads_begin[0], w.pads_end[0]}) + ", " + with + ")";
  }
  static Ints symmetric(const graph::WindowGeometry& w) {
    return w.pads_begin == w.pads_end ? w.pads_begin : Ints{0, 0};
  }

  std::string expression(const graph::Node& node) {
    const std::string x = value(node.inputs[0]);
    const auto second = [&] { return value(node.inputs[1]); };
    if (node.op == "Conv") {
      const graph::Shape& kernel = graph_.constant(node.inputs[1])->shape;
      const auto w = window(node, {kernel[2], kernel[3]});
      return "torch.conv2d(" + padded(x, w, "0.") + ", " + second() + ", " + optional(node, 2) + ", " +
             list(w.strides) + ", " + list(symmetric(w)) + ", " + list(w.dilations) + ", " +
             std::to_string(node.attribute("group", std::int64_t{1})) + ")";
    }
    if (node.op == "BatchNormalization") {
      return "torch.batch_norm(" + x + ", " + second() + ", " + value(node.inputs[2]) + ", " + value(node.inputs[3]) +
             ", " + value(node.inputs[4]) + ", False, 0., " + number(node.attribute("epsilon", 1e-5f)) + ", True)";
    }
    if (node.op == "MaxPool" || node.op == "AveragePool") {
      const auto w = window(node, node.attribute("kernel_shape", Ints{}));
      const std::string ceil = node.attribute("ceil_mode", std::int64_t{0}) != 0 ? "True" : "False";
      if (node.op == "MaxPool") {
        return "torch.max_pool2d(" + padded(x, w, "-3.4e38") + ", " + list(w.kernel) + ", " + list(w.strides) + ", " +
               list(symmetric(w)) + ", " + list(w.dilations) + ", " + ceil + ")";
      }
      const std::string count = node.attribute("count_include_pad", std::int64_t{0}) != 0 ? "True" : "False";
      return "torch.avg_pool2d(" + padded(x, w, "0.") + ", " + list(w.kernel) + ", " + list(w.strides) + ", " +
             list(symmetric(w)) + ", " + ceil + ", " + count + ")";
    }
    if (node.op == "Gemm") {
      const bool transposed = node.attribute("transB", std::int64_t{0}) != 0;
      return "torch.addmm(" + optional(node, 2) + ", " + x + ", " + second() + (transposed ? ".t())" : ")");
    }
    if (node.op == "LRN") {
      const std::int64_t size = node.attribute("size", std::int64_t{1}), before = size / 2, after = (size - 1) / 2;
      const std::string square = "torch.constant_pad_nd(torch.unsqueeze(" + x + " * " + x + ", 1), " +
                                 list({0, 0, 0, 0, before, after}) + ", 0.)";
      const std::string mean =
          "torch.squeeze(torch.avg_pool3d(" + square + ", " + list({size, 1, 1}) + ", [1, 1, 1]), 1)";
      return x + " / torch.pow(" + mean + " * " + number(node.attribute("alpha", 1e-4f)) + " + " +
             number(node.attribute("bias", 1.0f)) + ", " + number(node.attribute("beta", 0.75f)) + ")";
    }
    if (node.op == "Concat") {
      std::string all;
      for (const std::string& input : node.inputs) all += value(input) + ", ";
      return "torch.cat([" + all + "], " + std::to_string(node.attribute("axis", std::int64_t{1})) + ")";
    }
    if (node.op == "Relu") return "torch.relu(" + x + ")";
    if (node.op == "GlobalAveragePool") return "torch.adaptive_avg_pool2d(" + x + ", [1, 1])";
    if (node.op == "Flatten") return "torch.flatten(" + x + ", 1)";
    if (node.op == "Reshape") return "torch.reshape(" + x + ", " + list(shapes_.at(node.outputs[0])) + ")";
    if (node.op == "Softmax") {
      return "torch.softmax(" + x + ", " + std::to_string(node.attribute("axis", std::int64_t{-1})) + ")";
    }
    if (node.op == "MatMul") return "torch.matmul(" + x + ", " + second() + ")";
    if (node.op == "Add") return x + " + " + second();
    if (node.op == "Mul") return x + " * " + second();
    if (node.op == "Sub") return x + " - " + second();
    if (node.op == "Sigmoid") return "torch.sigmoid(" + x + ")";
    if (node.op == "Swish") {
      const float alpha = node.attribute("alpha", 1.0f);
      return alpha == 1.0f ? "torch.silu(" + x + ")" : x + " * torch.sigmoid(" + x + " * " + number(alpha) + ")";
    }
    if (node.op == "HardSwish") return "torch.hardswish(" + x + ")";
    if (node.op == "HardSigmoid") {
      return "torch.clamp(" + x + " * " + number(node.attribute("alpha", 0.2f)) + " + " +
             number(node.attribute("beta", 0.5f)) + ", 0., 1.)";
    }
    if (node.op == "Tanh") return "torch.tanh(" + x + ")";
    if (node.op == "Identity" || node.op == "Dropout") return x;
    throw Error(ErrorKind::kUnsupported, graph::describe(node), "is not translated for libtorch");
  }

  void add(const graph::Node& node) {
    const std::string right = expression(node);
    const std::string left = "v" + std::to_string(names_.size());
    body_ << "    " << left << " = " << right << "\n";
    names_[node.outputs.front()] = left;
  }

  const graph::Graph& graph_;
  torch::jit::Module& module_;
  graph::Shapes shapes_;
  std::unordered_map<std::string, std::string> names_;
  std::ostringstream body_;
};

}  // namespace

struct TorchPeer::Network {
  torch::jit::Module module{"Network"};
  graph::Shape shape;

  c10::IValue run(std::span<const float> input) {
    const c10::InferenceMode inference;
    const auto tensor = torch::from_blob(const_cast<float*>(input.data()), shape);
    return module.forward({tensor});
  }
};

TorchPeer::TorchPeer(const graph::Graph& graph, int threads) : network_(std::make_unique<Network>()) {
  at::set_num_threads(threads);
  network_->shape = graph.inputs.front().shape;
  network_->shape.front() = 1;
  const std::string source = Translation(graph, network_->module).source();
  network_->module.define(source);
  network_->module.eval();
  network_->module = torch::jit::optimize_for_inference(network_->module);
}

TorchPeer::~TorchPeer() = default;

std::vector<std::vector<float>> TorchPeer::run(std::span<const float> input) {
  std::vector<std::vector<float>> outputs;
  const c10::IValue result = network_->run(input);
  for (const c10::IValue& value : result.toTuple()->elements()) {
    const torch::Tensor tensor = value.toTensor().contiguous();
    outputs.emplace_back(tensor.data_ptr<float>(), tensor.data_ptr<float>() + tensor.numel());
  }
  return outputs;
}

void TorchPeer::run_only(std::span<const float> input) { network_->run(input); }

}  // namespace einet::peers
