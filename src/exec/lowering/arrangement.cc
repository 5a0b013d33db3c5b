#include "exec/lowering/arrangement.h"

#include <algorithm>
#include <numeric>

namespace einet::exec {

void Arrangement::append(std::vector<Factor>& dimension, Factor factor) const {
  if (factor.size == 1) return;
  if (!dimension.empty() && dimension.back().stride == factor.size * factor.stride) {
    factor.size *= dimension.back().size;
    dimension.pop_back();
  }
  dimension.push_back(factor);
}

Arrangement Arrangement::in_order(const graph::Shape& shape, std::span<const std::size_t> order) {
  Arrangement result;
  result.dimensions_.resize(shape.size());
  std::int64_t stride = 1;
  for (std::size_t i = order.size(); i-- > 0;) {
    result.append(result.dimensions_[order[i]], {shape[order[i]], stride});
    stride *= shape[order[i]];
  }
  return result;
}

Arrangement Arrangement::row_major(const graph::Shape& shape) { return in_order(shape, row_major_order(shape.size())); }

graph::Shape Arrangement::shape() const {
  graph::Shape shape;
  for (const std::vector<Factor>& dimension : dimensions_) {
    std::int64_t size = 1;
    for (const Factor& factor : dimension) size *= factor.size;
    shape.push_back(size);
  }
  return shape;
}

std::int64_t Arrangement::offset(std::size_t d, std::int64_t i) const {
  std::int64_t offset = 0;
  for (auto factor = dimensions_[d].rbegin(); factor != dimensions_[d].rend(); ++factor) {
    offset += i % factor->size * factor->stride;
    i /= factor->size;
  }
  return offset;
}

bool Arrangement::operator==(const Arrangement& other) const {
  return base_ == other.base_ && dimensions_ == other.dimensions_;
}

Arrangement Arrangement::transposed(std::span<const std::size_t> permutation) const {
  Arrangement result;
  result.base_ = base_;
  for (const std::size_t d : permutation) result.dimensions_.push_back(dimensions_[d]);
  return result;
}

std::optional<Arrangement> Arrangement::reshaped(const graph::Shape& shape) const {
  std::vector<Factor> left;
  for (const std::vector<Factor>& dimension : dimensions_) {
    for (const Factor& factor : dimension) append(left, factor);
  }
  std::reverse(left.begin(), left.end());  // Factors not yet assigned, the most significant last.
  Arrangement result;
  result.base_ = base_;
  for (std::int64_t missing : shape) {
    std::vector<Factor>& dimension = result.dimensions_.emplace_back();
    while (missing > 1) {
      if (left.empty()) return std::nullopt;
      Factor& next = left.back();
      if (next.size <= missing) {
        if (missing % next.size != 0) return std::nullopt;
        missing /= next.size;
        result.append(dimension, next);
        left.pop_back();
      } else {
        if (next.size % missing != 0) return std::nullopt;
        next.size /= missing;
        result.append(dimension, {missing, next.size * next.stride});
        missing = 1;
      }
    }
  }
  return result;
}

std::optional<Arrangement> Arrangement::selected(std::size_t d, std::int64_t start, std::int64_t step,
                                                 std::int64_t count) const {
  if (step < 1 || (count > 1 && dimensions_[d].size() > 1)) return std::nullopt;
  Arrangement result = *this;
  result.base_ += offset(d, start);
  std::vector<Factor>& dimension = result.dimensions_[d];
  if (count == 1) dimension.clear();
  if (!dimension.empty()) dimension = {{count, step * dimension.front().stride}};
  return result;
}

std::vector<std::size_t> row_major_order(std::size_t rank) {
  std::vector<std::size_t> order(rank);
  std::iota(order.begin(), order.end(), std::size_t{0});
  return order;
}

std::vector<std::size_t> innermost(std::size_t rank, std::size_t axis) {
  std::vector<std::size_t> order = row_major_order(rank);
  if (rank == 0) return order;
  order.erase(order.begin() + static_cast<std::ptrdiff_t>(axis));
  order.push_back(axis);
  return order;
}

}  // namespace einet::exec
