// NumPy's .npy: "\x93NUMPY", version, header length, a header that is a Python dict literal, then the elements.
//
//     {'descr': '<f4', 'fortran_order': False, 'shape': (10000, 21), }
//
// Only this form is accepted, with the keys in any order; anything else that Python might accept is an error, so
// nothing is evaluated. The shape must agree with the number of bytes present, so a header cannot cause a large
// allocation.

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "core/half.h"
#include "einet/error.h"
#include "io/npz.h"

namespace einet::io {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are copied without conversion");

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kLongestHeader = 1 << 16;

struct Dtype {
  std::string_view code;
  std::int64_t bytes;
};
constexpr std::array<Dtype, 7> kDtypes = {
    {{"<f4", 4}, {"<f8", 8}, {"<f2", 2}, {"<i4", 4}, {"<i8", 8}, {"|u1", 1}, {"|b1", 1}}};

// Bytes per element, or 0 for an unknown dtype.
std::int64_t bytes_per_element(std::string_view code) {
  for (const Dtype& known : kDtypes) {
    if (known.code == code) return known.bytes;
  }
  return 0;
}

// Number of elements; empty on a negative size or an overflow.
std::optional<std::int64_t> count(const std::vector<std::int64_t>& shape) {
  std::int64_t elements = 1;
  bool empty = false;
  bool overflow = false;
  for (const std::int64_t size : shape) {
    if (size < 0) return std::nullopt;
    empty = empty || size == 0;
    overflow = overflow || __builtin_mul_overflow(elements, size, &elements);
  }
  if (empty) return 0;
  if (overflow) return std::nullopt;
  return elements;
}

class HeaderParser {
 public:
  HeaderParser(std::string_view text, std::string_view name) : text_(text), name_(name) {}

  NpyArray parse() {
    NpyArray array;
    bool shape_seen = false;
    bool order_seen = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr") {
        if (peek() == '[') fail("holds records, which are not supported");
        array.dtype = string();
      } else if (key == "fortran_order") {
        if (boolean()) fail("is in Fortran order, which is not supported");
        order_seen = true;
      } else if (key == "shape") {
        array.shape = tuple();
        shape_seen = true;
      } else {
        fail("has an unknown header key '" + key + "'");
      }
      if (!accept(',') && peek() != '}') fail("has a malformed header");
    }
    if (peek() != '\0' || !shape_seen || !order_seen || array.dtype.empty()) fail("has a malformed header");
    return array;
  }

  [[noreturn]] void fail(const std::string& why) const { throw Error(ErrorKind::kInvalidData, name_, why); }

 private:
  char peek() {
    while (!text_.empty() && (text_.front() == ' ' || text_.front() == '\n')) text_.remove_prefix(1);
    return text_.empty() ? '\0' : text_.front();
  }
  bool accept(char wanted) {
    if (peek() != wanted || text_.empty()) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char wanted) {
    if (!accept(wanted)) fail("has a malformed header");
  }
  std::string string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail("has a malformed header");
    const std::size_t end = text_.find(quote, 1);
    if (end == std::string_view::npos) fail("has a malformed header");
    std::string value(text_.substr(1, end - 1));
    text_.remove_prefix(end + 1);
    return value;
  }
  bool boolean() {
    peek();
    for (const std::string_view word : {"True", "False"}) {
      if (text_.starts_with(word)) {
        text_.remove_prefix(word.size());
        return word == "True";
      }
    }
    fail("has a malformed header");
  }
  std::vector<std::int64_t> tuple() {
    std::vector<std::int64_t> values;
    expect('(');
    while (!accept(')')) {
      peek();
      std::int64_t value = 0;
      const auto [end, error] = std::from_chars(text_.data(), text_.data() + text_.size(), value);
      if (error != std::errc() || value < 0) fail("has a malformed shape");
      text_.remove_prefix(static_cast<std::size_t>(end - text_.data()));
      values.push_back(value);
      if (!accept(',') && peek() != ')') fail("has a malformed shape");
    }
    return values;
  }

  std::string_view text_;
  std::string_view name_;
};

template <class T>
NpyArray array_of(std::string_view dtype, const std::vector<T>& values, std::vector<std::int64_t> shape) {
  NpyArray array;
  array.dtype = dtype;
  array.shape = std::move(shape);
  if (count(array.shape) != static_cast<std::int64_t>(values.size())) {
    throw Error(ErrorKind::kInvalidData, "array",
                "its shape does not match its " + std::to_string(values.size()) + " values");
  }
  array.data.assign(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  return array;
}

template <class T>
T element(const std::string& data, std::size_t i) {
  T value;
  std::memcpy(&value, data.data() + i * sizeof(T), sizeof(T));
  return value;
}

// Calls use(i, value) for every element, with the element's own type.
template <class Use>
void for_each_element(const NpyArray& array, std::string_view name, Use use) {
  const std::int64_t bytes = bytes_per_element(array.dtype);
  if (bytes == 0) {
    throw Error(ErrorKind::kInvalidData, name, "has the dtype '" + array.dtype + "', which is not supported");
  }
  const std::size_t elements = array.data.size() / static_cast<std::size_t>(bytes);
  if (count(array.shape) != static_cast<std::int64_t>(elements) || array.data.size() % bytes != 0) {
    throw Error(ErrorKind::kInvalidData, name, "its shape does not match its data");
  }
  for (std::size_t i = 0; i < elements; ++i) {
    if (array.dtype == "<f4") use(i, element<float>(array.data, i));
    if (array.dtype == "<f8") use(i, element<double>(array.data, i));
    if (array.dtype == "<f2") use(i, half_to_float(element<std::uint16_t>(array.data, i)));
    if (array.dtype == "<i4") use(i, element<std::int32_t>(array.data, i));
    if (array.dtype == "<i8") use(i, element<std::int64_t>(array.data, i));
    if (bytes == 1) use(i, element<std::uint8_t>(array.data, i));
  }
}

}  // namespace

NpyArray NpyArray::from(const std::vector<float>& values, std::vector<std::int64_t> shape) {
  return array_of("<f4", values, std::move(shape));
}

NpyArray NpyArray::from(const std::vector<std::int32_t>& values, std::vector<std::int64_t> shape) {
  return array_of("<i4", values, std::move(shape));
}

NpyArray NpyArray::from(const std::vector<std::uint8_t>& values, std::vector<std::int64_t> shape) {
  return array_of("|u1", values, std::move(shape));
}

std::int64_t NpyArray::elements() const {
  const auto elements = count(shape);
  if (!elements) throw Error(ErrorKind::kInvalidData, "array", "has no valid shape");
  return *elements;
}

std::vector<float> NpyArray::as_floats(std::string_view name) const {
  std::vector<float> values(data.size() / std::max<std::int64_t>(1, bytes_per_element(dtype)));
  for_each_element(*this, name, [&](std::size_t i, auto value) { values[i] = static_cast<float>(value); });
  return values;
}

std::vector<std::int32_t> NpyArray::as_ints(std::string_view name) const {
  std::vector<std::int32_t> values(data.size() / std::max<std::int64_t>(1, bytes_per_element(dtype)));
  for_each_element(*this, name, [&](std::size_t i, auto value) {
    const auto wide = static_cast<double>(value);  // Exact for all values in the range of int32.
    if (!(wide >= std::numeric_limits<std::int32_t>::min() && wide <= std::numeric_limits<std::int32_t>::max()) ||
        std::trunc(wide) != wide) {
      throw Error(ErrorKind::kInvalidData, name, "element " + std::to_string(i) + " is not a 32-bit integer");
    }
    values[i] = static_cast<std::int32_t>(wide);
  });
  return values;
}

NpyArray parse_npy(std::string_view bytes, std::string_view name) {
  const auto fail = [&](const std::string& why) { throw Error(ErrorKind::kInvalidData, name, why); };
  if (!bytes.starts_with(kMagic)) fail("is not a .npy array");
  if (bytes.size() < 10) fail("is truncated");
  const int version = static_cast<unsigned char>(bytes[6]);
  if (version < 1 || version > 3) fail("has the unknown .npy version " + std::to_string(version));
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  if (bytes.size() < 8 + length_bytes) fail("is truncated");
  std::size_t header_size = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) {
    header_size |= static_cast<std::size_t>(static_cast<unsigned char>(bytes[8 + i])) << (8 * i);
  }
  bytes.remove_prefix(8 + length_bytes);
  if (header_size > kLongestHeader) fail("has a header of " + std::to_string(header_size) + " bytes");
  if (bytes.size() < header_size) fail("is truncated");

  NpyArray array = HeaderParser(bytes.substr(0, header_size), name).parse();
  bytes.remove_prefix(header_size);
  const std::int64_t element_bytes = bytes_per_element(array.dtype);
  if (element_bytes == 0) fail("has the dtype '" + array.dtype + "', which is not supported");
  const auto elements = count(array.shape);
  std::int64_t expected = 0;
  if (!elements || __builtin_mul_overflow(*elements, element_bytes, &expected)) fail("has an impossible shape");
  if (expected != static_cast<std::int64_t>(bytes.size())) {
    fail("has " + std::to_string(bytes.size()) + " bytes of data where its shape needs " + std::to_string(expected));
  }
  array.data = bytes;
  return array;
}

std::string format_npy(const NpyArray& array) {
  std::string header = "{'descr': '" + array.dtype + "', 'fortran_order': False, 'shape': (";
  for (const std::int64_t size : array.shape) header.append(std::to_string(size)).append(", ");
  if (array.shape.size() == 1) header.pop_back();               // (5,)
  if (array.shape.size() > 1) header.erase(header.size() - 2);  // (5, 7)
  header += "), }";
  const std::size_t padding = 63 - (kMagic.size() + 4 + header.size()) % 64;  // Data begins at a multiple of 64.
  header.append(padding, ' ').append("\n");
  std::string bytes(kMagic);
  bytes += {'\x01', '\x00', static_cast<char>(header.size() & 0xff), static_cast<char>(header.size() >> 8)};
  return bytes + header + array.data;
}

}  // namespace einet::io
