#include "graph/onnx/tensor_proto.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "core/half.h"
#include "graph/faults.h"
#include "graph/onnx/external_data.h"

namespace einet::graph {
namespace {

static_assert(std::endian::native == std::endian::little, "raw tensors are copied without conversion");

using onnx::TensorProto;

void check_count(std::int64_t expected, std::int64_t found, const std::string& what, const Shape& shape) {
  if (expected == found) return;
  invalid(what, "has the shape " + to_string(shape) + " but " + std::to_string(found) + " values");
}

// Elements of type Stored from raw_data, each converted by `convert`.
template <class Target, class Stored, class Convert>
std::vector<Target> from_raw(const TensorProto& proto, const Shape& shape, const std::string& what, Convert convert) {
  const std::string& raw = proto.raw_data();
  if (raw.size() % sizeof(Stored) != 0) invalid(what, "has an incomplete last value");
  const std::int64_t count = element_count(shape);
  check_count(count, static_cast<std::int64_t>(raw.size() / sizeof(Stored)), what, shape);
  std::vector<Target> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, raw.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = static_cast<Target>(convert(stored));
  }
  return values;
}

// The same from raw_data if the file has it, otherwise from the typed `field`, whose elements are passed to `convert`
// as Stored.
template <class Target, class Stored, class Field, class Convert>
Tensor converted(const TensorProto& proto, Shape shape, const std::string& what, const Field& field, Convert convert) {
  if (proto.has_raw_data()) {
    std::vector<Target> values = from_raw<Target, Stored>(proto, shape, what, convert);
    return Tensor(std::move(shape), std::move(values));
  }
  check_count(element_count(shape), field.size(), what, shape);
  std::vector<Target> values;
  values.reserve(static_cast<std::size_t>(field.size()));
  for (const auto value : field) values.push_back(static_cast<Target>(convert(static_cast<Stored>(value))));
  return Tensor(std::move(shape), std::move(values));
}

}  // namespace

bool is_float_type(int data_type) {
  return data_type == TensorProto::FLOAT || data_type == TensorProto::FLOAT16 || data_type == TensorProto::BFLOAT16 ||
         data_type == TensorProto::DOUBLE;
}

void check_finite(const Tensor& tensor, const std::string& what) {
  if (!tensor.is_float()) return;
  // A single value may be a bound, which may be infinite.
  const bool may_be_infinite = tensor.floats().size() == 1;
  for (const float value : tensor.floats()) {
    if (std::isnan(value)) invalid(what, "contains NaN");
    if (std::isinf(value) && !may_be_infinite) invalid(what, "contains an infinite value");
  }
}

Tensor from_proto(const TensorProto& given, const std::string& what, const std::filesystem::path& folder) {
  const bool outside = given.data_location() == TensorProto::EXTERNAL || given.external_data_size() > 0;
  const TensorProto fetched = outside ? with_data_inside(given, folder, what) : TensorProto();
  const TensorProto& proto = outside ? fetched : given;
  if (proto.has_segment()) unsupported(what, "is stored in segments");
  const Shape shape(proto.dims().begin(), proto.dims().end());
  for (const std::int64_t size : shape) {
    if (size < 0) invalid(what, "has a negative dimension");
  }
  const auto same = [](auto value) { return value; };
  Tensor tensor = [&]() -> Tensor {
    switch (proto.data_type()) {
      case TensorProto::FLOAT:
        return converted<float, float>(proto, shape, what, proto.float_data(), same);
      case TensorProto::DOUBLE:
        return converted<float, double>(proto, shape, what, proto.double_data(), same);
      case TensorProto::FLOAT16:
        return converted<float, std::uint16_t>(proto, shape, what, proto.int32_data(), half_to_float);
      case TensorProto::BFLOAT16:
        return converted<float, std::uint16_t>(proto, shape, what, proto.int32_data(), bfloat16_to_float);
      case TensorProto::INT64:
        return converted<std::int64_t, std::int64_t>(proto, shape, what, proto.int64_data(), same);
      case TensorProto::INT32:
        return converted<std::int64_t, std::int32_t>(proto, shape, what, proto.int32_data(), same);
      case TensorProto::INT16:
        return converted<std::int64_t, std::int16_t>(proto, shape, what, proto.int32_data(), same);
      case TensorProto::INT8:
        return converted<std::int64_t, std::int8_t>(proto, shape, what, proto.int32_data(), same);
      case TensorProto::UINT32:
        return converted<std::int64_t, std::uint32_t>(proto, shape, what, proto.uint64_data(), same);
      case TensorProto::UINT16:
        return converted<std::int64_t, std::uint16_t>(proto, shape, what, proto.int32_data(), same);
      case TensorProto::UINT8:
      case TensorProto::BOOL:
        return converted<std::int64_t, std::uint8_t>(proto, shape, what, proto.int32_data(), same);
      default:
        unsupported(what,
                    "has the ONNX element type " + std::to_string(proto.data_type()) + ", which is not supported");
    }
  }();
  check_finite(tensor, what);
  return tensor;
}

TensorProto to_proto(const Tensor& tensor, const std::string& name) {
  TensorProto proto;
  proto.set_name(name);
  for (const std::int64_t size : tensor.shape) proto.add_dims(size);
  proto.set_data_type(tensor.is_float() ? TensorProto::FLOAT : TensorProto::INT64);
  std::visit(
      [&](const auto& values) {
        proto.set_raw_data(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
      },
      tensor.data);
  return proto;
}

TensorProto to_half_proto(const Tensor& tensor, const std::string& name) {
  TensorProto proto;
  proto.set_name(name);
  for (const std::int64_t size : tensor.shape) proto.add_dims(size);
  proto.set_data_type(TensorProto::FLOAT16);
  std::string* raw = proto.mutable_raw_data();
  raw->reserve(tensor.floats().size() * 2);
  for (const float value : tensor.floats()) {
    const std::uint16_t half = float_to_half(value);
    if (std::isinf(half_to_float(half))) {
      invalid("initializer '" + name + "'", "contains " + std::to_string(value) + ", which is too large for float16");
    }
    raw->push_back(static_cast<char>(half & 0xff));
    raw->push_back(static_cast<char>(half >> 8));
  }
  return proto;
}

}  // namespace einet::graph
