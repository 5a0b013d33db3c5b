#include "train/interpreter.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "einet/error.h"
#include "graph/cost.h"
#include "train/channels_last.h"

namespace einet::train {
namespace {

/// The role of a constant in training.
enum class Role {
  kConstant,   ///< Never changes.
  kStatistic,  ///< Running mean or variance: updated by the normalisation itself.
  kBias,       ///< Trained without weight decay: biases, scales and shifts.
  kWeight,     ///< Trained with weight decay.
};

/// The role of a trainable constant that is input number `position` of an operator.
Role role_of(const std::string& op, std::size_t position) {
  const bool layer = op == "Conv" || op == "ConvTranspose" || op == "Gemm";
  return op == "MatMul" || (layer && position == 1) ? Role::kWeight : Role::kBias;
}

/// For each constant, the strongest of its roles in all nodes.
std::map<std::string, Role> roles_of_constants(const graph::Graph& graph) {
  const auto trained = graph::trainable_weights(graph);
  std::map<std::string, Role> roles;
  for (const graph::Node& node : graph.nodes) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (graph.constant(node.inputs[i]) == nullptr) continue;
      Role& role = roles.try_emplace(node.inputs[i], Role::kConstant).first->second;
      if (node.op == "BatchNormalization" && i > 2) role = std::max(role, Role::kStatistic);
      if (trained.contains(node.inputs[i])) role = std::max(role, role_of(node.op, i));
    }
  }
  return roles;
}

/// For each normalisation whose only reader is a Relu, that Relu.
std::map<const graph::Node*, const graph::Node*> norm_relu_pairs(const graph::Graph& graph) {
  std::map<std::string, std::vector<const graph::Node*>> readers;
  for (const graph::Node& node : graph.nodes) {
    for (const std::string& input : node.inputs) readers[input].push_back(&node);
  }
  for (const std::string& output : graph.outputs) readers[output].push_back(nullptr);
  std::map<const graph::Node*, const graph::Node*> pairs;
  for (const graph::Node& node : graph.nodes) {
    if (node.op != "BatchNormalization") continue;
    const std::vector<const graph::Node*>& following = readers[node.outputs.at(0)];
    if (following.size() == 1 && following[0] != nullptr && following[0]->op == "Relu") pairs[&node] = following[0];
  }
  return pairs;
}

at::Tensor to_torch(const graph::Tensor& tensor) {
  if (tensor.is_float()) return at::tensor(at::ArrayRef<float>(tensor.floats())).reshape(tensor.shape);
  return at::tensor(at::ArrayRef<std::int64_t>(tensor.ints())).reshape(tensor.shape);
}

}  // namespace

Interpreter::Interpreter(const graph::Graph& graph, at::Device device, at::MemoryFormat layout) {
  if (graph.inputs.size() != 1)
    throw Error(ErrorKind::kUnsupported, graph.name, "only networks with one input can be trained");
  slot(graph.inputs[0].name);
  add_constants(graph, device, layout);
  const auto pairs = norm_relu_pairs(graph);
  std::set<const graph::Node*> done;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const graph::Node& node = graph.nodes[i];
    if (done.contains(&node)) continue;
    const auto pair = pairs.find(&node);
    const graph::Node& last = pair == pairs.end() ? node : *pair->second;
    done.insert(&last);
    NodeCall step{.run = pair == pairs.end() ? compile(graph, node) : compile_norm_relu(node),
                  .inputs = {},
                  .output = 0,
                  .node = i};
    for (const std::string& input : node.inputs) step.inputs.push_back(input.empty() ? -1 : slot(input));
    while (!step.inputs.empty() && step.inputs.back() < 0) step.inputs.pop_back();
    step.output = slot(last.outputs.at(0));
    steps_.push_back(std::move(step));
  }
  constants_.resize(slots_.size());
  const std::vector<std::string> input = {graph.inputs[0].name};
  training_ = route(input, graph.outputs, std::vector<bool>(graph.nodes.size(), true));
  evaluation_ = route(input, graph.outputs, {});
}

void Interpreter::add_constants(const graph::Graph& graph, at::Device device, at::MemoryFormat layout) {
  for (const auto& [name, role] : roles_of_constants(graph)) {
    at::Tensor value = to_torch(*graph.constant(name)).to(device);
    if (value.dim() == 4) value = value.contiguous(layout);
    if (role == Role::kBias || role == Role::kWeight) {
      value.set_requires_grad(true);
      parameters_.push_back({name, value, role == Role::kWeight});
    }
    if (role != Role::kConstant) state_[name] = value;
    const int at = slot(name);
    constants_.resize(std::max(constants_.size(), static_cast<std::size_t>(at) + 1));
    constants_[at] = value;
  }
}

int Interpreter::slot(const std::string& value) {
  return slots_.try_emplace(value, static_cast<int>(slots_.size())).first->second;
}

Route Interpreter::route(const std::vector<std::string>& from, const std::vector<std::string>& to,
                         const std::vector<bool>& training) const {
  const auto find = [&](const std::string& value) {
    const auto found = slots_.find(value);
    if (found == slots_.end()) throw Error(ErrorKind::kInternal, "route", "there is no value '" + value + "'");
    return found->second;
  };
  Route route;
  for (const std::string& value : from) route.from.push_back(find(value));
  for (const std::string& value : to) route.to.push_back(find(value));
  route.readers.resize(slots_.size());
  std::vector<bool> given(slots_.size(), false);
  for (const int slot : route.from) given[slot] = true;
  for (const int slot : route.to) ++route.readers[slot];
  for (int i = static_cast<int>(steps_.size()); i-- > 0;) {
    const NodeCall& step = steps_[i];
    if (route.readers[step.output] == 0 || given[step.output]) continue;
    given[step.output] = true;
    route.visits.push_back({.step = i, .training = !training.empty() && training[step.node]});
    for (const int input : step.inputs) {
      if (input >= 0) ++route.readers[input];
    }
  }
  for (std::size_t slot = 0; slot < slots_.size(); ++slot) {
    if (route.readers[slot] > 0 && !given[slot] && !constants_[slot].defined()) {
      throw Error(ErrorKind::kInternal, "route", "its end cannot be computed from its beginning");
    }
  }
  std::reverse(route.visits.begin(), route.visits.end());
  return route;
}

std::vector<at::Tensor> Interpreter::forward(const Route& route, const std::vector<at::Tensor>& from) const {
  // One handle per future reader of a value; the value is freed with the last one.
  std::vector<std::vector<at::Tensor>> handles(slots_.size());
  const auto give = [&](int slot, const at::Tensor& value) { handles[slot] = fan_out(value, route.readers[slot]); };
  const auto take = [&](int slot) {
    if (slot < 0 || handles[slot].empty()) return slot < 0 ? at::Tensor() : constants_[slot];
    at::Tensor value = std::move(handles[slot].back());
    handles[slot].pop_back();
    return value;
  };
  for (std::size_t i = 0; i < from.size(); ++i) give(route.from[i], from[i]);
  std::vector<at::Tensor> inputs;
  for (const Route::Visit& visit : route.visits) {
    const NodeCall& step = steps_[visit.step];
    inputs.clear();
    for (const int slot : step.inputs) inputs.push_back(take(slot));
    give(step.output, step.run(inputs, visit.training));
  }
  std::vector<at::Tensor> to;
  for (const int slot : route.to) to.push_back(take(slot));
  return to;
}

std::vector<at::Tensor> Interpreter::forward(const at::Tensor& input, bool training) const {
  return forward(training ? training_ : evaluation_, {input});
}

void Interpreter::write_weights(graph::Graph& graph) const {
  for (const auto& [name, value] : state_) {
    const at::Tensor plain = value.detach().to(at::kCPU).contiguous();
    std::vector<float>& floats = graph.initializers.at(name).floats();
    std::memcpy(floats.data(), plain.data_ptr<float>(), floats.size() * sizeof(float));
  }
}

}  // namespace einet::train
