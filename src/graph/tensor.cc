#include "graph/tensor.h"

#include <utility>

#include "graph/faults.h"

namespace einet::graph {
namespace {

template <class T>
void check_size(const Shape& shape, const std::vector<T>& values) {
  if (element_count(shape) != static_cast<std::int64_t>(values.size())) {
    invalid("tensor " + to_string(shape),
            "has " + std::to_string(values.size()) + " values instead of " + std::to_string(element_count(shape)));
  }
}

}  // namespace

std::int64_t element_count(const Shape& shape) {
  std::int64_t count = 1;
  bool overflow = false;
  bool empty = false;
  for (const std::int64_t size : shape) {
    if (size < 0) invalid("shape " + to_string(shape), "has a negative dimension");
    empty = empty || size == 0;
    overflow = overflow || __builtin_mul_overflow(count, size, &count);
  }
  if (empty) return 0;
  if (overflow) invalid("shape " + to_string(shape), "has too many elements");
  return count;
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ',';
    text += shape[i] == -1 ? "N" : std::to_string(shape[i]);
  }
  return text + "]";
}

Tensor::Tensor(Shape shape, std::vector<float> values) : shape(std::move(shape)), data(std::move(values)) {
  check_size(this->shape, std::get<0>(data));
}

Tensor::Tensor(Shape shape, std::vector<std::int64_t> values) : shape(std::move(shape)), data(std::move(values)) {
  check_size(this->shape, std::get<1>(data));
}

const std::vector<float>& Tensor::floats() const {
  if (!is_float()) invalid("tensor " + to_string(shape), "has integers, not floats");
  return std::get<0>(data);
}

std::vector<float>& Tensor::floats() { return const_cast<std::vector<float>&>(std::as_const(*this).floats()); }

const std::vector<std::int64_t>& Tensor::ints() const {
  if (is_float()) invalid("tensor " + to_string(shape), "has floats, not integers");
  return std::get<1>(data);
}

}  // namespace einet::graph
