#include "graph/onnx/external_data.h"

#include <charconv>
#include <fstream>

#include "einet/error.h"
#include "graph/faults.h"
#include "graph/tensor.h"

namespace einet::graph {
namespace {

namespace fs = std::filesystem;
using onnx::TensorProto;

std::int64_t bytes_per_element(int type) {
  switch (type) {
    case TensorProto::DOUBLE:
    case TensorProto::INT64:
    case TensorProto::UINT64:
      return 8;
    case TensorProto::FLOAT:
    case TensorProto::INT32:
    case TensorProto::UINT32:
      return 4;
    case TensorProto::FLOAT16:
    case TensorProto::BFLOAT16:
    case TensorProto::INT16:
    case TensorProto::UINT16:
      return 2;
    default:
      return 1;
  }
}

std::int64_t number(const std::string& text, const std::string& key, const std::string& what) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) {
    invalid(what, "its " + key + " '" + text + "' in another file is not a number");
  }
  return value;
}

// The path of the file, after checking that it is in `folder`, with all links resolved.
fs::path inside(const fs::path& folder, const fs::path& location, const std::string& what) {
  const auto leaves = [&] {
    invalid(what, "is stored in '" + location.string() + "', outside the folder of the model");
  };
  if (location.empty()) invalid(what, "is stored in another file without a name");
  if (location.is_absolute() || *location.lexically_normal().begin() == "..") leaves();
  std::error_code error;
  fs::path file = fs::canonical(folder / location, error);
  if (error || !fs::is_regular_file(file, error)) {
    throw Error(ErrorKind::kNotFound, what, "is stored in '" + location.string() + "', which does not exist");
  }
  const fs::path root = fs::canonical(folder);
  if (*file.lexically_relative(root).begin() == "..") leaves();
  return file;
}

}  // namespace

TensorProto with_data_inside(const TensorProto& proto, const fs::path& folder, const std::string& what) {
  std::string location;
  std::int64_t offset = 0, length = -1;
  for (const auto& entry : proto.external_data()) {
    if (entry.key() == "location") location = entry.value();
    if (entry.key() == "offset") offset = number(entry.value(), "offset", what);
    if (entry.key() == "length") length = number(entry.value(), "length", what);
  }
  if (folder.empty()) {
    unsupported(what,
                "is stored in another file; save the model with its weights inside (onnx.save does so by default)");
  }
  const fs::path file = inside(folder, location, what);
  const auto file_size = static_cast<std::int64_t>(fs::file_size(file));

  Shape shape(proto.dims().begin(), proto.dims().end());
  const std::int64_t elements = element_count(shape);
  std::int64_t needed = 0;
  if (__builtin_mul_overflow(elements, bytes_per_element(proto.data_type()), &needed)) invalid(what, "is too large");
  if (length >= 0 && length != needed) {
    invalid(what,
            "has the shape " + to_string(shape) + " but " + std::to_string(length) + " bytes in '" + location + "'");
  }
  if (offset > file_size || needed > file_size - offset) {
    invalid(what, "needs " + std::to_string(needed) + " bytes from byte " + std::to_string(offset) + " of '" +
                      location + "', which has " + std::to_string(file_size));
  }

  std::string bytes(static_cast<std::size_t>(needed), '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.seekg(offset);
  stream.read(bytes.data(), needed);
  if (!stream) throw Error(ErrorKind::kIo, what, "cannot be read from '" + location + "'");

  TensorProto result = proto;
  result.clear_external_data();
  result.clear_data_location();
  result.set_raw_data(std::move(bytes));
  return result;
}

}  // namespace einet::graph
