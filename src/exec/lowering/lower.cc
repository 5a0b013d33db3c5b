#include "lowering/lower.h"

#include <array>

#include "einet/core/error.h"

namespace einet::exec {
namespace {

constexpr std::array kFamilies = {&window_rules, &matrix_rules, &channel_rules, &elementwise_rules, &passing_rules};

const Rule* find_rule(std::string_view op) {
  for (const auto& family : kFamilies) {
    for (const Rule& rule : family()) {
      if (rule.op == op) return &rule;
    }
  }
  return nullptr;
}

}  // namespace

void Lowering::unsupported(const graph::Node& node, const std::string& why) {
  throw Error(ErrorKind::kUnsupported, graph::describe(node), why);
}

int Lowering::add_value(const std::string& name, const graph::Shape& shape) {
  if (shape.size() != 2 && shape.size() != 4) {
    throw Error(ErrorKind::kUnsupported, "value '" + name + "'",
                "has the shape " + graph::to_string(shape) + "; the executor knows [N,C,H,W] and [N,F]");
  }
  network_.values.push_back({name, shape});
  return static_cast<int>(network_.values.size()) - 1;
}

int Lowering::value(const graph::Node& node, std::size_t i, bool ordered) {
  const auto found = numbers_.find(node.inputs[i]);
  if (found == numbers_.end()) unsupported(node, "the constant '" + node.inputs[i] + "' is not supported here");
  return ordered ? unpermute(found->second, node.name) : found->second;
}

// Made once, in the part that asks first: a conv part before the branches that follow it, or a branch for itself alone.
int Lowering::unpermute(int value, const std::string& node) {
  if (!network_.values[value].permuted()) return value;
  const auto made = unpermuted_.find(value);
  if (made != unpermuted_.end()) return made->second;
  const Value from = network_.values[value];
  const int result = add_value(from.name + ".ordered", from.shape);
  network_.operations.push_back(
      {node + ".order", part_, Unpermute{from.permuted_channels, from.permuted_area}, {value}, result, -1, {}});
  if (part_ % 2 == 0) unpermuted_[value] = result;
  return result;
}

bool Lowering::is_constant(const graph::Node& node, std::size_t i) const {
  return has(node, i) && subject_.graph.constant(node.inputs[i]) != nullptr;
}

const graph::Tensor& Lowering::constant(const graph::Node& node, std::size_t i) const {
  const graph::Tensor* tensor = subject_.graph.constant(node.inputs[i]);
  if (tensor == nullptr || !tensor->is_float()) {
    unsupported(node, "'" + node.inputs[i] + "' must be a constant of floats");
  }
  return *tensor;
}

void Lowering::emit(const graph::Node& node, Kind kind, std::vector<int> inputs, Activation activation) {
  const int output = add_value(node.outputs.front(), shape(node.outputs.front()));
  numbers_[node.outputs.front()] = output;
  if (std::holds_alternative<Elementwise>(kind)) {
    network_.values[output].permuted_channels = network_.values[inputs[0]].permuted_channels;
    network_.values[output].permuted_area = network_.values[inputs[0]].permuted_area;
  }
  network_.operations.push_back({node.name, part_, std::move(kind), std::move(inputs), output, -1, activation});
}

void Lowering::pass(const graph::Node& node, int value) { numbers_[node.outputs.front()] = value; }

int Lowering::view(int value, const std::string& name, const graph::Shape& shape) {
  const int result = add_value(name, shape);
  const Value& from = network_.values[value];
  Value& to = network_.values[result];
  to.storage = value;
  if (from.shape.size() == 4 && from.channels() > 1 && from.area() > 1) {
    to.permuted_channels = from.channels();
    to.permuted_area = from.area();
  }
  return result;
}

void Lowering::reshape(const graph::Node& node, int value) {
  const std::string& name = node.outputs.front();
  numbers_[name] = view(value, name, shape(name));
}

Network Lowering::run() && {
  network_.input = add_value(subject_.input, subject_.input_shape);
  numbers_[subject_.input] = network_.input;
  for (std::size_t i = 0; i < subject_.blocks.size(); ++i) {
    const graph::Block& block = subject_.blocks[i];
    for (const std::vector<int>* nodes : {&block.conv_part, &block.branch}) {
      part_ = static_cast<int>(2 * i) + (nodes == &block.branch);
      for (const int index : *nodes) {
        const graph::Node& node = subject_.graph.nodes[index];
        const Rule* rule = find_rule(node.op);
        if (rule == nullptr) unsupported(node, "the block executor does not know this operator");
        rule->lower(*this, node);
      }
    }
    int exit = numbers_.at(block.output);
    if (const graph::Shape& shape = describe(exit).shape; shape.size() == 4) {
      exit = view(exit, block.output + ".flat", {shape[0], shape[1] * shape[2] * shape[3]});
    }
    network_.exits.push_back(unpermute(exit, block.output));
  }
  return std::move(network_);
}

Network lower(const Subject& subject) { return Lowering(subject).run(); }

}  // namespace einet::exec
