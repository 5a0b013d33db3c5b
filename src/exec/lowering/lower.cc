#include "exec/lowering/lower.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "einet/error.h"
#include "exec/kernels/rearrange.h"

namespace einet::exec {
namespace {

constexpr std::array kFamilies = {&window_rules,     &matrix_rules,  &channel_rules,   &elementwise_rules,
                                  &arithmetic_rules, &passing_rules, &selection_rules, &reduction_rules};

const Rule* find_rule(std::string_view op) {
  for (const auto& family : kFamilies) {
    for (const Rule& rule : family()) {
      if (rule.op == op) return &rule;
    }
  }
  return nullptr;
}

// The memory offset that each position of the result reads, for a result with its dimensions in `order`.
Positions offsets(const Arrangement& from, const Positions& positions, std::span<const std::size_t> order) {
  Positions result;
  for (const std::size_t d : order) {
    const std::int64_t base = result.empty() ? from.base() : 0;
    std::vector<std::int64_t>& table = result.emplace_back(positions[d]);
    for (std::int64_t& position : table) {
      if (position != graph::Selection::kFilled) position = base + from.offset(d, position);
    }
  }
  if (order.empty()) result = {{from.base()}};  // A scalar.
  return result;
}

}  // namespace

void Lowering::unsupported(const graph::Node& node, const std::string& why) {
  throw Error(ErrorKind::kUnsupported, graph::describe(node), why);
}

Positions all_positions(const graph::Shape& shape) {
  Positions positions;
  for (const std::int64_t size : shape) {
    std::vector<std::int64_t>& dimension = positions.emplace_back(static_cast<std::size_t>(size));
    std::iota(dimension.begin(), dimension.end(), std::int64_t{0});
  }
  return positions;
}

graph::Shape memory_along(const graph::Shape& shape, std::size_t axis) {
  const std::int64_t count = graph::element_count(shape);
  if (shape.empty()) return {1, count};
  if (shape.size() < 3 || axis != 1) return {count / shape[axis], shape[axis]};
  const std::int64_t width = shape.back(), height = count / (shape[0] * shape[1] * width);
  return {shape[0], shape[1], height, width};
}

std::size_t usual_axis(const graph::Shape& shape) { return shape.size() > 1 ? 1 : 0; }

int Lowering::add_value(const std::string& name, const graph::Shape& memory) {
  network_.values.push_back({name, memory});
  return static_cast<int>(network_.values.size()) - 1;
}

int Lowering::view(int value, const graph::Shape& memory) {
  if (network_.values[value].shape == memory) return value;
  value = network_.storage(value);
  if (network_.values[value].shape == memory) return value;
  const int result = add_value(network_.values[value].name + ".view", memory);
  network_.values[result].storage = value;
  network_.values[result].grid = network_.values[value].grid;
  return result;
}

bool Lowering::is_whole(const Located& located) const {
  return graph::element_count(located.arrangement.shape()) == network_.values[located.value].elements();
}

Located Lowering::located(const graph::Node& node, std::size_t i) {
  Located found = source(node, i);
  if (is_whole(found)) return found;
  const graph::Shape& x = shape(node, i);
  const bool in_rows = !x.empty() && found.arrangement.offset(x.size() - 1, 1) == 1;
  const std::size_t axis = in_rows ? x.size() - 1 : usual_axis(x);
  const std::vector<std::size_t> order = innermost(x.size(), axis);
  return {reordered(found, order, memory_along(x, axis), node.name), Arrangement::in_order(x, order)};
}

Located Lowering::source(const graph::Node& node, std::size_t i) {
  const auto found = located_.find(node.inputs[i]);
  if (found != located_.end()) return found->second;
  const graph::Tensor& tensor = constant(node, i);
  const std::size_t last = tensor.shape.empty() ? 0 : tensor.shape.size() - 1;
  const graph::Shape memory = {graph::element_count(tensor.shape) / (tensor.shape.empty() ? 1 : tensor.shape[last]),
                               tensor.shape.empty() ? 1 : tensor.shape[last]};
  return {append(node.name + ".constant", Literal{tensor.floats()}, {}, memory), Arrangement::row_major(tensor.shape)};
}

// Created once, in the part that first needs it: in a conv part for all later parts, in a branch only for itself.
int Lowering::reordered(const Located& from, std::span<const std::size_t> order, const graph::Shape& memory,
                        const std::string& node) {
  const graph::Shape shape = from.arrangement.shape();
  const Arrangement wanted = Arrangement::in_order(shape, order);
  if (from.arrangement == wanted && is_whole(from)) return view(from.value, memory);
  for (const Reordered& made : reordered_) {
    const bool same = made.from.value == from.value && made.from.arrangement == from.arrangement;
    const bool there = made.part % 2 == 0 || made.part == part_;
    if (same && there && made.arrangement == wanted) return view(made.to, memory);
  }
  const int result = append(node + ".order", Rearrange{offsets(from.arrangement, all_positions(shape), order), 0.0f},
                            {from.value}, memory);
  reordered_.push_back({from, wanted, result, part_});
  return result;
}

int Lowering::ordered(const graph::Node& node, std::size_t i, std::span<const std::size_t> order,
                      const graph::Shape& memory) {
  if (is_constant(node, i)) {
    const graph::Shape& as = shape(node, i);
    return rearranged(node, i, as, all_positions(as), 0.0f, order, memory);
  }
  return reordered(source(node, i), order, memory, node.name);
}

int Lowering::along(const graph::Node& node, std::size_t i, std::size_t axis) {
  const graph::Shape& x = shape(node, i);
  return ordered(node, i, innermost(x.size(), axis), memory_along(x, axis));
}

int Lowering::rearranged(const graph::Node& node, std::size_t i, const graph::Shape& as, const Positions& positions,
                         float fill, std::span<const std::size_t> order, const graph::Shape& memory) {
  if (is_constant(node, i)) {
    const Rearrangement rearrangement({offsets(Arrangement::row_major(as), positions, order), fill});
    std::vector<float> values(static_cast<std::size_t>(graph::element_count(memory)));
    rearrangement.run(constant(node, i).floats().data(), values.data());
    return append(node.name + ".constant", Literal{std::move(values)}, {}, memory);
  }
  const Located from = source(node, i);
  const Arrangement arrangement = *from.arrangement.reshaped(as);  // At most adds dimensions of size 1.
  return append(node.name, Rearrange{offsets(arrangement, positions, order), fill}, {from.value}, memory);
}

std::vector<float> Lowering::weight_scales(const graph::Node& node, std::size_t i, std::int64_t axis,
                                           std::int64_t outputs) const {
  const auto found = subject_.graph.quantized.find(node.inputs[i]);
  if (found == subject_.graph.quantized.end() || found->second.bits != 8) return {};
  const graph::QuantizedConstant& by = found->second;
  if (!graph::integers(constant(node, i), by)) return {};
  const auto count = static_cast<std::size_t>(outputs);
  if (by.scales.size() == 1) return std::vector<float>(count, by.scales.front());
  return by.axis == axis && by.scales.size() == count ? by.scales : std::vector<float>{};
}

bool Lowering::is_constant(const graph::Node& node, std::size_t i) const {
  return has(node, i) && subject_.graph.constant(node.inputs[i]) != nullptr;
}

bool Lowering::is_read_by(const graph::Node& node, std::string_view op) const {
  return std::ranges::any_of(subject_.graph.nodes, [&](const graph::Node& reader) {
    return reader.op == op && std::ranges::find(reader.inputs, node.outputs.front()) != reader.inputs.end();
  });
}

const graph::Tensor& Lowering::constant(const graph::Node& node, std::size_t i) const {
  const graph::Tensor* tensor = subject_.graph.constant(node.inputs[i]);
  if (tensor == nullptr || !tensor->is_float()) {
    unsupported(node, "'" + node.inputs[i] + "' must be a constant of floats");
  }
  return *tensor;
}

void Lowering::emit(const graph::Node& node, Kind kind, std::vector<int> inputs, const graph::Shape& memory,
                    Arrangement arrangement, Activation activation) {
  const int output = add_value(node.outputs.front(), memory);
  located_[node.outputs.front()] = {output, std::move(arrangement)};
  network_.operations.push_back({node.name, part_, std::move(kind), std::move(inputs), output, -1, activation});
}

void Lowering::emit_along(const graph::Node& node, std::size_t axis, Kind kind, std::vector<int> inputs) {
  const graph::Shape& y = shape(node);
  emit(node, std::move(kind), std::move(inputs), memory_along(y, axis),
       Arrangement::in_order(y, innermost(y.size(), axis)));
}

int Lowering::append(const std::string& name, Kind kind, std::vector<int> inputs, const graph::Shape& memory) {
  const int output = add_value(name, memory);
  network_.operations.push_back({name, part_, std::move(kind), std::move(inputs), output, -1, {}});
  return output;
}

void Lowering::pass(const graph::Node& node, Located located) { located_[node.outputs.front()] = std::move(located); }

Network Lowering::run() && {
  const graph::Shape& x = subject_.input_shape;
  const std::size_t axis = usual_axis(x);
  network_.input = add_value(subject_.input, memory_along(x, axis));
  located_[subject_.input] = {network_.input, Arrangement::in_order(x, innermost(x.size(), axis))};
  for (std::size_t i = 0; i < subject_.blocks.size(); ++i) {
    const graph::Block& block = subject_.blocks[i];
    for (const std::vector<int>* nodes : {&block.conv_part, &block.branch}) {
      part_ = static_cast<int>(2 * i) + (nodes == &block.branch);
      for (const int index : *nodes) {
        const graph::Node& node = subject_.graph.nodes[index];
        const Rule* rule = find_rule(node.op);
        if (rule == nullptr) unsupported(node, "this operator is not supported by the block executor");
        rule->lower(*this, node);
      }
    }
    const graph::Shape& y = shape(block.output);
    network_.exits.push_back(reordered(located_.at(block.output), row_major_order(y.size()),
                                       {y[0], graph::element_count(y) / y[0]}, block.output));
  }
  return std::move(network_);
}

Network lower(const PreparedGraph& prepared) { return Lowering(prepared).run(); }

}  // namespace einet::exec
