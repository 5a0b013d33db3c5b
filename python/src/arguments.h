#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <array>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "einet/answer.h"
#include "einet/time.h"

// Conversion of arguments, with errors that name the argument.
namespace einet::python {

/// Throws kUsage: `what` is none of the names of `choices`.
[[noreturn]] void refuse_choice(std::string_view what, std::string_view text, std::span<const std::string_view> names);

/// The value that `text` names, or kUsage listing the names.
template <class T, std::size_t kCount>
T choice(std::string_view what, std::string_view text,
         const std::array<std::pair<std::string_view, T>, kCount>& choices) {
  std::vector<std::string_view> names;
  for (const auto& [name, value] : choices) {
    if (name == text) return value;
    names.push_back(name);
  }
  refuse_choice(what, text, names);
}

/// The name of `value`, which is one of `choices`.
template <class T, std::size_t kCount>
std::string_view name_in(T value, const std::array<std::pair<std::string_view, T>, kCount>& choices) {
  return std::ranges::find(choices, value, &std::pair<std::string_view, T>::second)->first;
}

inline constexpr std::array<std::pair<std::string_view, Publish>, 3> kPublish = {
    {{"latest", Publish::kLatest}, {"most-confident", Publish::kMostConfident}, {"combined", Publish::kCombined}}};

/// The pixels of an image without a copy: a C-contiguous float32 array whose shape is `shape`, where dimensions of size
/// 1 in front do not count. Anything that numpy.asarray() takes without copying is accepted, such as a tensor of
/// PyTorch on the processor. Throws kInvalidData for other types, shapes and strides.
std::span<const float> pixels(const pybind11::object& image, std::span<const std::int64_t> shape,
                              pybind11::array& holder);

/// Seconds, or none. Negative values are allowed: a deadline that has passed.
std::optional<Seconds> seconds(const std::optional<double>& value);

/// Figures as dictionaries, lists and numbers of Python.
pybind11::object from_json(const nlohmann::json& json);

}  // namespace einet::python
