#include "graph/onnx/properties.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/preprocessing.h"
#include "graph/faults.h"
#include "graph/head.h"

namespace einet::graph {
namespace {

constexpr std::string_view kHead = "einet.head", kUntrained = "einet.untrained", kResize = "einet.resize",
                           kCrop = "einet.crop", kInterpolation = "einet.interpolation", kMean = "einet.mean",
                           kStddev = "einet.stddev";

template <class Number>
std::optional<std::vector<Number>> parse_list(std::string_view text, char separator) {
  std::vector<Number> values;
  for (const char* at = text.data();; ++at) {
    Number value{};
    const auto [end, error] = std::from_chars(at, text.data() + text.size(), value);
    if (error != std::errc()) return std::nullopt;
    values.push_back(value);
    if (end == text.data() + text.size()) return values;
    if (*end != separator) return std::nullopt;
    at = end;
  }
}

template <class Number>
std::string format_list(const std::vector<Number>& values, char separator) {
  std::string text;
  for (const Number value : values) {
    char number[32];  // The shortest text that reads back as the same number.
    const auto end = std::to_chars(number, number + sizeof(number), value).ptr;
    if (!text.empty()) text += separator;
    text.append(number, end);
  }
  return text;
}

class Reading {
 public:
  explicit Reading(const onnx::ModelProto& model) : model_(model) {}

  void read(Graph& graph) const {
    if (const std::string* value = find(kHead)) {
      graph.head = parse_head(*value);
      if (!graph.head) refuse(kHead, "is not a known kind of output");
    }
    if (const std::string* value = find(kUntrained)) {
      std::istringstream lines(*value);
      for (std::string line; std::getline(lines, line);) {
        if (std::ranges::find(graph.outputs, line) != graph.outputs.end()) graph.untrained.insert(line);
      }
    }
    graph.preprocessing = {.resize = sides(kResize, 1), .crop = sides(kCrop, 2)};
    if (const std::string* value = find(kInterpolation)) {
      const auto interpolation = parse_interpolation(*value);
      if (!interpolation) refuse(kInterpolation, "is not nearest, bilinear or bicubic");
      graph.preprocessing.interpolation = *interpolation;
    }
    graph.normalization = {numbers(kMean), numbers(kStddev)};
    const auto& [mean, stddev] = graph.normalization;
    if (mean.size() != stddev.size()) {
      refuse(mean.empty() ? kStddev : kMean, "must have as many numbers as the other one of mean and stddev");
    }
    for (const float value : stddev) {
      if (!(value > 0)) refuse(kStddev, "has a number that is not positive");
    }
  }

 private:
  const std::string* find(std::string_view key) const {
    for (const auto& property : model_.metadata_props()) {
      if (property.key() == key) return &property.value();
    }
    return nullptr;
  }

  [[noreturn]] void refuse(std::string_view key, const std::string& why) const {
    invalid("property '" + std::string(key) + "'", "'" + *find(key) + "' " + why);
  }

  std::vector<int> sides(std::string_view key, std::size_t least) const {
    const std::string* value = find(key);
    if (value == nullptr) return {};
    const auto sides = parse_list<int>(*value, 'x');
    if (!sides || sides->size() < least || sides->size() > 2) refuse(key, "is not a size such as 224x320");
    for (const int side : *sides) {
      if (side < 1 || side > kLargestSide) refuse(key, "has a side that is not in 1.." + std::to_string(kLargestSide));
    }
    return *sides;
  }

  std::vector<float> numbers(std::string_view key) const {
    const std::string* value = find(key);
    if (value == nullptr) return {};
    const auto numbers = parse_list<float>(*value, ',');
    if (!numbers) refuse(key, "is not a list of numbers such as 0.5,0.5,0.5");
    for (const float number : *numbers) {
      if (!std::isfinite(number)) refuse(key, "has a number that is not finite");
    }
    return *numbers;
  }

  const onnx::ModelProto& model_;
};

}  // namespace

void read_properties(const onnx::ModelProto& model, Graph& graph) { Reading(model).read(graph); }

void write_properties(const Graph& graph, onnx::ModelProto& model) {
  const auto write = [&](std::string_view key, std::string value) {
    if (value.empty()) return;
    auto* property = model.add_metadata_props();
    property->set_key(std::string(key));
    property->set_value(std::move(value));
  };
  const Preprocessing& pictures = graph.preprocessing;
  if (graph.head) write(kHead, std::string(to_string(*graph.head)));
  std::string untrained;
  for (const std::string& output : graph.untrained) untrained += (untrained.empty() ? "" : "\n") + output;
  write(kUntrained, std::move(untrained));
  write(kResize, format_list(pictures.resize, 'x'));
  write(kCrop, format_list(pictures.crop, 'x'));
  if (!pictures.resize.empty()) write(kInterpolation, std::string(to_string(pictures.interpolation)));
  write(kMean, format_list(graph.normalization.mean, ','));
  write(kStddev, format_list(graph.normalization.stddev, ','));
}

}  // namespace einet::graph
