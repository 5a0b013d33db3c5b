#include "arguments.h"

#include <nlohmann/json.hpp>

#include "einet/error.h"

namespace einet::python {

namespace py = pybind11;

namespace {

std::string text_of(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const std::int64_t size : shape) text += (text.size() > 1 ? "," : "") + std::to_string(size);
  return text + "]";
}

/// Without dimensions of size 1 in front.
std::span<const std::int64_t> significant(std::span<const std::int64_t> shape) {
  while (!shape.empty() && shape.front() == 1) shape = shape.subspan(1);
  return shape;
}

}  // namespace

void refuse_choice(std::string_view what, std::string_view text, std::span<const std::string_view> names) {
  std::string all;
  for (const std::string_view name : names) all += (all.empty() ? "'" : ", '") + std::string(name) + "'";
  throw Error(ErrorKind::kUsage, what, "is '" + std::string(text) + "', must be one of " + all);
}

std::span<const float> pixels(const py::object& image, std::span<const std::int64_t> shape, py::array& holder) {
  const auto fail = [](const std::string& why) { throw Error(ErrorKind::kInvalidData, "image", why); };
  holder = py::array::ensure(image);
  if (!holder) fail("is not an array");
  if (!holder.dtype().is(py::dtype::of<float>())) {
    const std::string type = py::str(holder.dtype()).cast<std::string>();
    fail("is of type " + type + ", must be float32 with pixels in [0,1]");
  }
  const std::vector<std::int64_t> given(holder.shape(), holder.shape() + holder.ndim());
  if (!std::ranges::equal(significant(given), significant(shape))) {
    fail("has shape " + text_of(given) + ", must be " + text_of(shape));
  }
  if ((holder.flags() & py::array::c_style) == 0) {
    fail("is not contiguous in memory: numpy.ascontiguousarray() makes a copy that is");
  }
  return {static_cast<const float*>(holder.data()), static_cast<std::size_t>(holder.size())};
}

std::optional<Seconds> seconds(const std::optional<double>& value) {
  return value ? std::optional(Seconds(*value)) : std::nullopt;
}

py::object from_json(const nlohmann::json& json) {
  return py::module_::import("json").attr("loads")(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace einet::python
