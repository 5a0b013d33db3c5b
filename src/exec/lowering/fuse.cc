// Fusion: an operation that only adds a term to each element or applies a function to it is folded into the operation
// that produces its input, which saves writing the elements to memory and reading them again.
//
//   Affine (a batch normalisation) into Convolution, Linear:   y = s * (W x + b) + t = (s W) x + (s b + t)
//   Binary add of two values into Convolution:                 the other value becomes its residual
//   Elementwise (an activation) into anything that computes:   becomes its activation
//   Quantize into a Convolution or Linear that can compute in integers:   its result is rounded
//   max-pool after a non-decreasing activation:                the order does not matter, so the activation moves after
//   it
//
// All require that the value in between has a single reader and is not an exit, and that the producer has no activation
// yet. The fused operation takes the position of its last part: everything it reads exists there, and its result is not
// read earlier. A single sweep in execution order suffices, since the producer of every operation has already been
// fused.

#include "exec/lowering/fuse.h"

#include <algorithm>

#include "exec/forms/int8.h"

namespace einet::exec {
namespace {

class Fusion {
 public:
  explicit Fusion(Network& network) : network_(network), readers_(network.values.size(), 0) {
    for (const Operation& operation : network.operations) {
      for (const int input : operation.inputs) ++readers_[input];
    }
    for (const Value& value : network.values) {
      if (value.storage >= 0) ++readers_[value.storage];
    }
    for (const int exit : network.exits) ++readers_[exit];
    producer_.assign(network.values.size(), -1);
  }

  void run() {
    std::vector<Operation>& operations = network_.operations;
    for (std::size_t i = 0; i < operations.size(); ++i) {
      fold(operations[i]);
      producer_[operations[i].output] = static_cast<int>(i);
    }
    std::erase_if(operations, [](const Operation& operation) { return operation.output < 0; });
  }

 private:
  // The producer of `value`, if it may be fused with the only reader. Both are then in the same part, since they serve
  // the same exits.
  Operation* take(int value) {
    if (producer_[value] < 0 || readers_[value] != 1) return nullptr;
    Operation& producer = network_.operations[static_cast<std::size_t>(producer_[value])];
    return producer.activation.kind == Activation::kNone && !producer.rounds ? &producer : nullptr;
  }

  template <class... Kinds>
  static bool is_any(const Operation& operation) {
    return (std::holds_alternative<Kinds>(operation.kind) || ...);
  }

  static void replace(Operation& reader, Operation& producer, Activation activation) {
    const int output = reader.output;
    producer.node += "+" + reader.node;
    reader = std::move(producer);
    reader.output = output;
    reader.activation = activation;
    producer = Operation{};
  }

  void fold(Operation& reader) {
    if (std::holds_alternative<Affine>(reader.kind)) return fold_affine(reader);
    if (std::holds_alternative<Binary>(reader.kind)) return fold_sum(reader);
    if (std::holds_alternative<Elementwise>(reader.kind)) return fold_activation(reader);
    if (std::holds_alternative<Pool>(reader.kind)) return fold_early_activation(reader);
    if (std::holds_alternative<Quantize>(reader.kind)) return fold_rounding(reader);
  }

  void fold_affine(Operation& reader) {
    Operation* producer = take(reader.inputs[0]);
    if (producer == nullptr || producer->residual >= 0) return;
    const Affine affine = std::get<Affine>(reader.kind);
    if (auto* conv = std::get_if<Convolution>(&producer->kind)) {
      scale(conv->weights.floats(), conv->bias, conv->scales, affine);
    } else if (auto* linear = std::get_if<Linear>(&producer->kind)) {
      scale(linear->weights, linear->bias, linear->scales, affine);
    } else {
      return;
    }
    replace(reader, *producer, reader.activation);
  }

  static void scale(std::vector<float>& weights, std::vector<float>& bias, std::vector<float>& scales,
                    const Affine& affine) {
    for (std::size_t m = 0; m < scales.size(); ++m) scales[m] *= affine.scale[m];
    const std::size_t row = weights.size() / bias.size();
    for (std::size_t m = 0; m < bias.size(); ++m) {
      for (std::size_t k = 0; k < row; ++k) weights[m * row + k] *= affine.scale[m];
      bias[m] = bias[m] * affine.scale[m] + affine.shift[m];
    }
  }

  void fold_sum(Operation& reader) {
    if (std::get<Binary>(reader.kind).kind != Binary::kAdd || reader.inputs[0] == reader.inputs[1]) return;
    if (network_.values[reader.inputs[0]].shape != network_.values[reader.inputs[1]].shape)
      return;  // The second is rows, repeated.
    for (const int at : {1, 0}) {
      Operation* producer = take(reader.inputs[at]);
      if (producer == nullptr || producer->residual >= 0) continue;
      if (!is_any<Convolution>(*producer)) continue;
      const int other = reader.inputs[1 - at];
      replace(reader, *producer, reader.activation);
      reader.residual = other;
      return;
    }
  }

  void fold_activation(Operation& reader) {
    Operation* producer = take(reader.inputs[0]);
    if (producer == nullptr) return;
    // Convolutions and fully connected layers support every activation, some kernels only clamps.
    const bool supports_all = is_any<Convolution, Linear>(*producer) && reader.activation.is_post_op();
    const bool supports_clamps = is_any<Pool, Lrn, Affine, Binary>(*producer);
    if (!supports_all && !(supports_clamps && reader.activation.is_clamp())) return;
    replace(reader, *producer, reader.activation);
  }

  void fold_rounding(Operation& reader) {
    const int value = reader.inputs[0];
    if (producer_[value] < 0 || readers_[value] != 1) return;
    Operation& producer = network_.operations[static_cast<std::size_t>(producer_[value])];
    // A library adds the zero point before it rounds; if that is odd, the other one of two equally near integers would
    // be even.
    const bool odd = network_.values[reader.output].grid->zero % 2 != 0;
    if (odd || producer.rounds || !suits_int8(producer, network_)) return;
    replace(reader, producer, producer.activation);
    reader.rounds = true;
  }

  void fold_early_activation(Operation& pool) {
    if (std::get<Pool>(pool.kind).kind != Pool::kMax || readers_[pool.inputs[0]] != 1) return;
    if (producer_[pool.inputs[0]] < 0) return;
    Operation& before = network_.operations[static_cast<std::size_t>(producer_[pool.inputs[0]])];
    if (!std::holds_alternative<Elementwise>(before.kind) || !before.activation.is_clamp()) return;
    pool.inputs = before.inputs;
    pool.activation = before.activation;
    pool.node = before.node + "+" + pool.node;
    before = Operation{};
  }

  Network& network_;
  std::vector<int> readers_;
  std::vector<int> producer_;
};

}  // namespace

void fuse(Network& network) { Fusion(network).run(); }

}  // namespace einet::exec
