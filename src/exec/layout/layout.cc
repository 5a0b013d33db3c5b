// The location of every value. Plain values are channels-last: a value is a list of pixels, each with its channels side
// by side, and a concatenation along the channels is a list of wider pixels. If its parts are written directly into
// these pixels, the concatenation costs nothing.
//
//   x1 = concat(x0, a), x2 = concat(x1, b):      one buffer, pixels  | x0 | a | b |
//                                                                    |<-- x1 ->|
//                                                                    |<---- x2 --->|
//
// The first input of a concatenation is therefore stored as the prefix of the result. As the result may be the prefix
// of the next one, a chain of concatenations (DenseNet, every scale of MSDNet) shares one wide buffer; the other inputs
// are slices of it. This is the tree `slices` below: a value is part of at most one concatenation, and those of the
// trunk have priority over those of branches, so that a branch that may be skipped never takes a prefix from the trunk.
//
// Not all operations support slices. Our own kernels read and write strided rows, but oneDNN's convolutions and inner
// products would fall back to reference code. A value therefore also gets a dense buffer
//   - if its producer cannot write slices (the concatenation then copies it into its slice), or
//   - if some reader cannot read slices: the producer then writes densely and the concatenation copies the few new
//     channels; the result of a concatenation is gathered for such readers, in the part that reads it or, if several
//     parts read it (each of which may be skipped), where it is computed.
// Values in other forms (Form) have separate dense buffers and are never part of a concatenation: they are converted
// before it.
//
// In MSDNet, only 1x1 convolutions read the wide buffers of the trunk. Copies are therefore needed only for the output
// of the 3x3 convolutions (a few channels each) and, once in every executed branch, for the coarsest map.

#include "exec/layout/layout.h"

#include <algorithm>
#include <map>

namespace einet::exec {

bool is_pointwise(const Operation& operation) {
  const auto* conv = std::get_if<Convolution>(&operation.kind);
  const bool own = operation.method == Algorithm::kDefault || operation.method == Algorithm::kOwn;
  if (conv == nullptr || !own || conv->groups != 1 || operation.residual >= 0) return false;
  const graph::WindowGeometry& w = conv->window;
  return w.kernel == std::vector<std::int64_t>{1, 1} && w.strides == w.kernel && w.pads_begin[0] == 0 &&
         w.pads_begin[1] == 0 && w.pads_end[0] == 0 && w.pads_end[1] == 0;
}

namespace {

bool works_on_slices(const Operation& operation, const std::vector<Value>& values) {
  if (std::holds_alternative<Convolution>(operation.kind)) {
    return is_pointwise(operation) || operation.method == Algorithm::kStreamed ||
           operation.method == Algorithm::kXnnpack;
  }
  if (std::holds_alternative<Pool>(operation.kind)) return values[operation.inputs.front()].form == Form::kPlain;
  return !std::holds_alternative<Linear>(operation.kind) && !std::holds_alternative<Rearrange>(operation.kind) &&
         !std::holds_alternative<Product>(operation.kind) && !std::holds_alternative<RowReduction>(operation.kind) &&
         !std::holds_alternative<Interpolation>(operation.kind);
}

bool is_concat(const Operation& operation) { return std::holds_alternative<Concat>(operation.kind); }

bool contains(const std::vector<int>& list, int value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

class Placement {
 public:
  explicit Placement(Network network) : network_(std::move(network)) {
    const std::size_t count = network_.values.size();
    slices_.resize(count);
    dense_.resize(count);
    gathered_.resize(count);
    producer_.assign(count, nullptr);
    dense_readers_.resize(count);
    for (const Operation& operation : network_.operations) producer_[operation.output] = &operation;
    persistent_.push_back(network_.input);
    for (const int exit : network_.exits) persistent_.push_back(network_.storage(exit));
  }

  Layout run(bool concat_in_place) && {
    if (concat_in_place) find_slices();
    find_dense_readers();
    layout_.input = home(network_.input);
    for (const Operation& operation : network_.operations) {
      is_concat(operation) ? place_concat(operation) : place(operation);
    }
    for (const int exit : network_.exits) layout_.exits.push_back(flat(home(network_.storage(exit)), exit));
    layout_.values = std::move(network_.values);
    return std::move(layout_);
  }

 private:
  struct Slice {
    int of = -1;  ///< The concatenation's result that this value is part of.
    std::int64_t offset = 0;
  };

  void find_slices() {
    for (const int branch : {0, 1}) {
      for (const Operation& operation : network_.operations) {
        if (!is_concat(operation) || operation.part % 2 != branch) continue;
        std::int64_t offset = 0;
        for (const int input : operation.inputs) {
          const bool own = network_.values[input].storage < 0 && !contains(persistent_, input);
          if (own && slices_[input].of < 0) slices_[input] = {operation.output, offset};
          offset += network_.values[input].channels();
        }
      }
    }
  }

  // A flattened map is a single row for every reader; a residual is read by oneDNN.
  bool needs_dense(const Operation& reader, int value) const {
    return !works_on_slices(reader, network_.values) || network_.values[value].storage >= 0;
  }

  void find_dense_readers() {
    for (const Operation& operation : network_.operations) {
      for (const int input : operation.inputs) {
        if (needs_dense(operation, input)) dense_readers_[network_.storage(input)].push_back(operation.part);
      }
      if (operation.residual >= 0) dense_readers_[network_.storage(operation.residual)].push_back(operation.part);
    }
  }

  bool in_several_parts(const std::vector<int>& parts) const {
    return std::adjacent_find(parts.begin(), parts.end(), std::not_equal_to<>()) != parts.end();
  }

  View new_dense(int value) {
    const Value& v = network_.values[value];
    const std::int64_t packed = v.form == Form::kBf16 ? 2 : v.form == Form::kInt8 ? 4 : 1;
    const std::int64_t floats = (v.elements() + packed - 1) / packed;
    layout_.buffers.push_back({floats, contains(persistent_, value)});
    return {static_cast<int>(layout_.buffers.size()) - 1, 0, v.channels(), v.channels(), v.pixels()};
  }

  // The location of `value` as a part of a concatenation, or of a concatenation's own result.
  View slice(int value) {
    const Slice& part = slices_[value];
    if (part.of < 0) return dense(value);
    View view = slice(part.of);
    view.offset += part.offset;
    view.channels = network_.values[value].channels();
    return view;
  }

  View dense(int value) {
    if (dense_[value].buffer < 0) dense_[value] = new_dense(value);
    return dense_[value];
  }

  // Where the producer of `value` writes it: into its slice if it can, unless a dense location is better for another
  // part.
  View home(int value) {
    const Operation* producer = producer_[value];
    if (producer == nullptr || slices_[value].of < 0 || !works_on_slices(*producer, network_.values))
      return dense(value);
    const std::vector<int>& readers = dense_readers_[value];
    const bool only_one_branch = !readers.empty() && !in_several_parts(readers) && readers.front() % 2 == 1;
    return is_concat(*producer) || readers.empty() || only_one_branch ? slice(value) : dense(value);
  }

  // `view`, a location of another value, in the shape of `value`.
  View flat(View view, int value) const {
    const Value& v = network_.values[value];
    if (v.storage >= 0) view.stride = view.channels = v.channels();
    view.pixels = v.pixels();
    return view;
  }

  View dense_view(int value, int part) {
    const int storage = network_.storage(value);
    View view = home(storage);
    if (!view.dense()) view = gather(storage, part);
    return flat(view, value);
  }

  View read_view(const Operation& reader, int value) {
    return needs_dense(reader, value) ? dense_view(value, reader.part) : home(value);
  }

  View gather(int value, int part) {
    if (gathered_[value].buffer < 0) {
      gathered_[value] = new_dense(value);
      copy(home(value), gathered_[value], producer_[value]->node, part);
    }
    return gathered_[value];
  }

  void copy(const View& from, const View& to, const std::string& node, int part) {
    PlacedOperation placed;
    placed.operation.node = node + ".copy";
    placed.operation.part = part;
    placed.operation.kind = Copy{};
    placed.inputs = {from};
    placed.output = to;
    layout_.operations.push_back(std::move(placed));
  }

  void place_concat(const Operation& operation) {
    const View whole = slice(operation.output);
    std::int64_t offset = 0;
    for (const int input : operation.inputs) {
      View part = whole;
      part.channels = network_.values[input].channels();
      part.offset += offset;
      offset += part.channels;
      if (const View from = read_view(operation, input); from != part) copy(from, part, operation.node, operation.part);
    }
    if (in_several_parts(dense_readers_[operation.output])) dense_view(operation.output, operation.part);
  }

  void place(const Operation& operation) {
    PlacedOperation placed{operation, {}, {}, {}};
    for (const int input : operation.inputs) placed.inputs.push_back(read_view(operation, input));
    if (operation.residual >= 0) placed.residual = dense_view(operation.residual, operation.part);
    placed.output = home(operation.output);
    layout_.operations.push_back(std::move(placed));
  }

  Network network_;
  Layout layout_;
  std::vector<Slice> slices_;
  std::vector<View> dense_;     ///< Buffer -1 = none made.
  std::vector<View> gathered_;  ///< Dense copies of slices.
  std::vector<const Operation*> producer_;
  std::vector<std::vector<int>> dense_readers_;  ///< Parts of the readers that cannot read slices.
  std::vector<int> persistent_;
};

}  // namespace

Layout place(Network network, bool concat_in_place) { return Placement(std::move(network)).run(concat_in_place); }

}  // namespace einet::exec
