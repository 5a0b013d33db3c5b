// Where; Add, Sub, Mul, Div, PRelu, comparisons and other operators on two values; all with NumPy's broadcasting. The
// forms of two values, from the cheapest to the most expensive:
//   - a constant that is one number, or one per channel: y = scale * x + shift, which may be folded into a convolution;
//   - two values with the same arrangement: element by element, in whatever order they are stored;
//   - the first in C order, the other the same along all of its outer dimensions (a bias of attention): read
//   repeatedly;
//   - one row of channels for every image, or for all of them (squeeze-and-excitation): the same;
//   - anything else: the smaller value is broadcast first.
//
// Values that are rounded next (quantisation) are computed exactly as specified by the file: with a product by the
// reciprocal, or with a factor absorbed into weights, the result may be rounded to the other side of a tie.

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "exec/lowering/lower.h"

namespace einet::exec {
namespace {

// Whether `shape`, of as many dimensions as `y`, has channels only, for each image or for all.
bool is_row(const graph::Shape& shape, const graph::Shape& y) {
  if (y.size() < 2 || shape[1] != y[1] || (shape[0] != 1 && (y.size() == 2 || shape[0] != y[0]))) return false;
  return std::all_of(shape.begin() + 2, shape.end(), [](std::int64_t size) { return size == 1; });
}

std::vector<float> mapped(std::vector<float> values, float (*function)(float)) {
  std::transform(values.begin(), values.end(), values.begin(), function);
  return values;
}

// Input i broadcast to the shape `y`, in `order`, viewed as `memory`.
int spread(Lowering& to, const graph::Node& node, std::size_t i, const graph::Shape& y,
           std::span<const std::size_t> order, const graph::Shape& memory) {
  graph::Shape from = to.shape(node, i);
  if (from == y) return to.ordered(node, i, order, memory);
  from.insert(from.begin(), y.size() - from.size(), 1);
  Positions positions = all_positions(y);
  for (std::size_t d = 0; d < y.size(); ++d) {
    if (from[d] == 1) std::fill(positions[d].begin(), positions[d].end(), 0);
  }
  return to.rearranged(node, i, from, positions, 0.0f, order, memory);
}

// One node.
class Arithmetic {
 public:
  Arithmetic(Lowering& to, const graph::Node& node, Binary::Kind kind)
      : to_(to), node_(node), kind_(kind), y_(to.shape(node)), axis_(usual_axis(y_)) {}

  void lower() const {
    if (with_constant(1) || with_constant(0) || place_by_place()) return;
    const bool commutes =
        kind_ == Binary::kAdd || kind_ == Binary::kMul || kind_ == Binary::kMax || kind_ == Binary::kMin;
    const std::size_t first = commutes && shape(0) != y_ && shape(1) == y_ ? 1 : 0;
    if (in_c_order(first)) return;
    const int a = whole(first), b = row_or_whole(1 - first);
    to_.emit_along(node_, axis_, Binary{kind_}, {a, b});
  }

 private:
  // The shape of input i, with leading dimensions of size 1.
  graph::Shape shape(std::size_t i) const {
    graph::Shape shape = to_.shape(node_, i);
    shape.insert(shape.begin(), y_.size() - shape.size(), 1);
    return shape;
  }

  // The effect of the constant input `at` on `channels` channels; without scale if it has no such form.
  Affine affine(std::size_t at, std::int64_t channels) const {
    std::vector<float> c = to_.constant(node_, at).floats();
    if (c.size() == 1) c.assign(static_cast<std::size_t>(channels), c.front());
    const std::vector<float> ones(c.size(), 1.0f), zeros(c.size(), 0.0f);
    if (kind_ == Binary::kAdd) return {ones, c};
    if (kind_ == Binary::kMul) return {c, zeros};
    if (kind_ == Binary::kSub && at == 0) return {std::vector<float>(c.size(), -1.0f), c};
    if (kind_ == Binary::kSub) return {ones, mapped(c, [](float value) { return -value; })};
    if (kind_ == Binary::kDiv && at == 1) return {mapped(c, [](float value) { return 1.0f / value; }), zeros};
    return {};
  }

  bool with_constant(std::size_t at) const {
    if (!to_.is_constant(node_, at) || to_.is_constant(node_, 1 - at) || shape(1 - at) != y_) return false;
    if (to_.is_read_by(node_, "Round")) return false;
    if (graph::element_count(shape(at)) == 1) {
      Located x = to_.located(node_, 1 - at);
      const graph::Shape memory = to_.describe(x.value).shape;
      Affine result = affine(at, memory[1]);
      if (result.scale.empty()) return false;
      to_.emit(node_, std::move(result), {x.value}, memory, *x.arrangement.reshaped(y_));
      return true;
    }
    if (is_last_row(shape(at)) && in_rows(1 - at)) {
      Affine result = affine(at, y_.back());
      if (result.scale.empty()) return false;
      const graph::Shape memory = {graph::element_count(y_) / y_.back(), y_.back()};
      const int x = to_.ordered(node_, 1 - at, row_major_order(to_.shape(node_, 1 - at).size()), memory);
      to_.emit(node_, std::move(result), {x}, memory, Arrangement::row_major(y_));
      return true;
    }
    if (!is_row(shape(at), y_) || shape(at)[0] != 1) return false;
    Affine result = affine(at, y_[1]);
    if (result.scale.empty()) return false;
    to_.emit_along(node_, axis_, std::move(result), {whole(1 - at)});
    return true;
  }

  bool place_by_place() const {
    if (to_.is_constant(node_, 0) || to_.is_constant(node_, 1) || shape(0) != y_ || shape(1) != y_) return false;
    const Located a = to_.located(node_, 0), b = to_.located(node_, 1);
    Arrangement places = *a.arrangement.reshaped(y_);
    if (places != *b.arrangement.reshaped(y_)) return false;
    const graph::Shape memory = to_.describe(a.value).shape;
    to_.emit(node_, Binary{kind_}, {a.value, to_.view(b.value, memory)}, memory, std::move(places));
    return true;
  }

  // Whether `shape`, of as many dimensions as y, has only the last one: the bias of a fully connected layer.
  bool is_last_row(const graph::Shape& shape) const {
    return !y_.empty() && shape.back() == y_.back() && graph::element_count(shape) == y_.back();
  }

  // Whether input i, which must be a computed value, is in C order.
  bool in_rows(std::size_t i) const {
    return to_.source(node_, i).arrangement == Arrangement::row_major(to_.shape(node_, i));
  }

  bool in_c_order(std::size_t first) const {
    if (y_.empty() || shape(first) != y_ || to_.is_constant(node_, first) || !in_rows(first)) return false;
    const graph::Shape from = shape(1 - first);
    const auto inner = std::mismatch(from.rbegin(), from.rend(), y_.rbegin()).first;
    const bool repeats = std::all_of(inner, from.rend(), [](std::int64_t size) { return size == 1; });
    const std::int64_t block = repeats ? graph::element_count(from) : y_.back();
    const graph::Shape memory = {graph::element_count(y_) / block, block};
    const auto order = row_major_order(y_.size());
    const int a = to_.ordered(node_, first, row_major_order(to_.shape(node_, first).size()), memory);
    const int b = repeats
                      ? to_.ordered(node_, 1 - first, row_major_order(to_.shape(node_, 1 - first).size()), {1, block})
                      : whole(1 - first, order, memory);
    to_.emit(node_, Binary{kind_}, {a, b}, memory, Arrangement::row_major(y_));
    return true;
  }

  int whole(std::size_t i) const { return whole(i, innermost(y_.size(), axis_), memory_along(y_, axis_)); }

  // Input i, broadcast to the whole result if it is smaller.
  int whole(std::size_t i, const std::vector<std::size_t>& order, const graph::Shape& memory) const {
    return spread(to_, node_, i, y_, order, memory);
  }

  int row_or_whole(std::size_t i) const {
    const graph::Shape from = shape(i);
    if (to_.is_constant(node_, i) && graph::element_count(from) == 1) {
      const std::int64_t channels = memory_along(y_, axis_)[1];
      return to_.append(
          node_.name + ".constant",
          Literal{std::vector<float>(static_cast<std::size_t>(channels), to_.constant(node_, i).floats().front())}, {},
          {1, channels});
    }
    if (from == y_ || !is_row(from, y_)) return whole(i);
    return to_.ordered(node_, i, row_major_order(to_.shape(node_, i).size()), {from[0], from[1]});
  }

  Lowering& to_;
  const graph::Node& node_;
  Binary::Kind kind_;
  const graph::Shape y_;
  const std::size_t axis_;
};

template <Binary::Kind kKind>
void arithmetic(Lowering& to, const graph::Node& node) {
  Arithmetic(to, node, kKind).lower();
}

void modulo(Lowering& to, const graph::Node& node) {
  const bool as_c = node.attribute("fmod", std::int64_t{0}) != 0;
  Arithmetic(to, node, as_c ? Binary::kFmod : Binary::kMod).lower();
}

// The only element of input i if that is a constant and the other input has the shape of the result.
const float* scalar(const Lowering& to, const graph::Node& node, std::size_t i) {
  if (!to.is_constant(node, i) || to.is_constant(node, 1 - i) || to.shape(node, 1 - i) != to.shape(node))
    return nullptr;
  const std::vector<float>& values = to.constant(node, i).floats();
  return values.size() == 1 ? values.data() : nullptr;
}

void activate(Lowering& to, const graph::Node& node, std::size_t i, Activation activation) {
  Located x = to.located(node, i);
  const graph::Shape memory = to.describe(x.value).shape;
  to.emit(node, Elementwise{}, {x.value}, memory, std::move(x.arrangement), activation);
}

void power(Lowering& to, const graph::Node& node) {
  const float* exponent = scalar(to, node, 1);
  if (exponent == nullptr) return arithmetic<Binary::kPow>(to, node);
  const Activation::Kind kind = *exponent == 2.0f    ? Activation::kSquare
                                : *exponent == 0.5f  ? Activation::kSqrt
                                : *exponent == -1.0f ? Activation::kReciprocal
                                                     : Activation::kPower;
  activate(to, node, 0, {kind, *exponent, 0.0f});
}

// With a constant number it is a bound, which may be folded into the previous operation.
template <Binary::Kind kKind>
void extremum(Lowering& to, const graph::Node& node) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  for (const std::size_t i : {1, 0}) {
    const float* bound = scalar(to, node, i);
    if (bound == nullptr) continue;
    const bool low = kKind == Binary::kMax;
    return activate(to, node, 1 - i, {Activation::kClip, low ? *bound : -kLargest, low ? kLargest : *bound});
  }
  arithmetic<kKind>(to, node);
}

// In C order if one of the values is (masked attention), otherwise with the channels innermost.
void where(Lowering& to, const graph::Node& node) {
  const graph::Shape& y = to.shape(node);
  const bool in_c_order = std::ranges::any_of(std::array{0, 1, 2}, [&](std::size_t i) {
    if (to.is_constant(node, i) || to.shape(node, i) != y) return false;
    return to.source(node, i).arrangement == Arrangement::row_major(y);
  });
  const auto order = in_c_order ? row_major_order(y.size()) : innermost(y.size(), usual_axis(y));
  const graph::Shape memory = in_c_order && !y.empty() ? graph::Shape{graph::element_count(y) / y.back(), y.back()}
                                                       : memory_along(y, usual_axis(y));
  std::vector<int> inputs;
  for (std::size_t i = 0; i < 3; ++i) inputs.push_back(spread(to, node, i, y, order, memory));
  to.emit(node, Where{}, std::move(inputs), memory, Arrangement::in_order(y, order));
}

}  // namespace

const Rules& arithmetic_rules() {
  static const Rules rules = {{"Add", arithmetic<Binary::kAdd>},
                              {"Sub", arithmetic<Binary::kSub>},
                              {"Mul", arithmetic<Binary::kMul>},
                              {"Div", arithmetic<Binary::kDiv>},
                              {"Pow", power},
                              {"Max", extremum<Binary::kMax>},
                              {"Min", extremum<Binary::kMin>},
                              {"PRelu", arithmetic<Binary::kPrelu>},
                              {"Mod", modulo},
                              {"Equal", arithmetic<Binary::kEqual>},
                              {"Greater", arithmetic<Binary::kGreater>},
                              {"GreaterOrEqual", arithmetic<Binary::kGreaterOrEqual>},
                              {"Less", arithmetic<Binary::kLess>},
                              {"LessOrEqual", arithmetic<Binary::kLessOrEqual>},
                              {"And", arithmetic<Binary::kAnd>},
                              {"Or", arithmetic<Binary::kOr>},
                              {"Xor", arithmetic<Binary::kXor>},
                              {"Where", where}};
  return rules;
}

}  // namespace einet::exec
