#include "graph/window.h"

#include <algorithm>
#include <string>

#include "graph/faults.h"

namespace einet::graph {
namespace {

// Products of two such numbers fit into 64 bits, so nothing below can overflow.
constexpr std::int64_t kLargestWindow = std::int64_t{1} << 30;

std::vector<std::int64_t> sizes(const Node& node, const char* key, std::vector<std::int64_t> values, std::size_t count,
                                std::int64_t least) {
  const bool fits = values.size() == count && std::all_of(values.begin(), values.end(), [&](std::int64_t value) {
                      return value >= least && value <= kLargestWindow;
                    });
  if (fits) return values;
  invalid(node, std::string(key) + " must be " + std::to_string(count) + " numbers from " + std::to_string(least));
}

// Returns how many spatial dimensions there are.
std::size_t check_input(const Node& node, const Shape& input) {
  if (input.size() < 3) invalid(node, "needs an input [N,C,spatial...], not " + to_string(input));
  if (input.size() > 4) {
    unsupported(node, "only images [N,C,H,W] and rows [N,C,L] are supported, not " + to_string(input));
  }
  for (std::size_t d = 2; d < input.size(); ++d) {
    if (input[d] < 1 || input[d] > kLargestWindow) invalid(node, "does not support an input " + to_string(input));
  }
  return input.size() - 2;
}

// "" if there is no automatic padding.
std::string auto_pad_of(const Node& node) {
  std::string mode = node.attribute("auto_pad", "NOTSET");
  if (mode == "NOTSET") return "";
  if (!mode.empty() && mode != "SAME_UPPER" && mode != "SAME_LOWER" && mode != "VALID") {
    invalid(node, "has an unknown auto_pad '" + mode + "'");
  }
  return mode;
}

}  // namespace

WindowGeometry window_geometry(const Node& node, const Shape& input, const std::vector<std::int64_t>& kernel) {
  const std::size_t rank = check_input(node, input);
  const std::vector<std::int64_t> ones(rank, 1);

  WindowGeometry geometry;
  geometry.kernel = sizes(node, "kernel_shape", kernel, rank, 1);
  geometry.strides = sizes(node, "strides", node.attribute("strides", ones), rank, 1);
  geometry.dilations = sizes(node, "dilations", node.attribute("dilations", ones), rank, 1);
  std::vector<std::int64_t> pads =
      sizes(node, "pads", node.attribute("pads", std::vector<std::int64_t>(2 * rank, 0)), 2 * rank, 0);
  const std::string auto_pad = auto_pad_of(node);
  const bool same = auto_pad.starts_with("SAME");
  const bool ceil_mode = node.attribute("ceil_mode", std::int64_t{0}) != 0;

  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t size = input[d + 2];
    const std::int64_t stride = geometry.strides[d];
    const std::int64_t extent = (geometry.kernel[d] - 1) * geometry.dilations[d] + 1;
    std::int64_t before = pads[d];
    std::int64_t after = pads[d + rank];
    std::int64_t output = 0;
    if (same) {
      output = (size + stride - 1) / stride;
      const std::int64_t total = std::max<std::int64_t>(0, (output - 1) * stride + extent - size);
      before = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
      after = total - before;
    } else {
      if (auto_pad == "VALID") before = after = 0;
      const std::int64_t room = size + before + after - extent;
      if (room < 0) {
        invalid(node, "has a window of " + std::to_string(extent) + " over an input " + to_string(input));
      }
      output = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
      if (ceil_mode && (output - 1) * stride >= size + before) --output;
    }
    geometry.pads_begin.push_back(before);
    geometry.pads_end.push_back(after);
    geometry.output.push_back(output);
  }
  return geometry;
}

WindowGeometry transposed_geometry(const Node& node, const Shape& input, const std::vector<std::int64_t>& kernel) {
  using Ints = std::vector<std::int64_t>;
  const std::size_t rank = check_input(node, input);
  const Ints ones(rank, 1), zeros(rank, 0);
  WindowGeometry geometry;
  geometry.kernel = sizes(node, "kernel_shape", kernel, rank, 1);
  geometry.strides = sizes(node, "strides", node.attribute("strides", ones), rank, 1);
  geometry.dilations = sizes(node, "dilations", node.attribute("dilations", ones), rank, 1);
  const Ints more = sizes(node, "output_padding", node.attribute("output_padding", zeros), rank, 0);
  const Ints pads = sizes(node, "pads", node.attribute("pads", Ints(2 * rank, 0)), 2 * rank, 0);
  const std::string auto_pad = auto_pad_of(node);
  Ints wanted = node.attribute("output_shape", Ints{});
  if (wanted.size() == input.size()) wanted.erase(wanted.begin(), wanted.begin() + 2);
  if (!wanted.empty()) wanted = sizes(node, "output_shape", wanted, rank, 1);
  if (wanted.empty() && auto_pad.starts_with("SAME")) {
    for (std::size_t d = 0; d < rank; ++d) wanted.push_back(input[d + 2] * geometry.strides[d]);
  }
  for (std::size_t d = 0; d < rank; ++d) {
    const std::int64_t extent = (geometry.kernel[d] - 1) * geometry.dilations[d] + 1;
    const std::int64_t whole = (input[d + 2] - 1) * geometry.strides[d] + extent + more[d];
    std::int64_t before = auto_pad == "VALID" ? 0 : pads[d], after = auto_pad == "VALID" ? 0 : pads[d + rank];
    if (!wanted.empty()) {
      const std::int64_t total = std::max<std::int64_t>(0, whole - wanted[d]);
      before = auto_pad == "SAME_UPPER" ? total / 2 : total - total / 2;
      after = total - before;
    }
    geometry.pads_begin.push_back(before);
    geometry.pads_end.push_back(after);
    geometry.output.push_back(wanted.empty() ? whole - before - after : wanted[d]);
  }
  return geometry;
}

std::vector<std::int64_t> covered_padding(const WindowGeometry& window, std::span<const std::int64_t> sizes) {
  std::vector<std::int64_t> padding;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    const std::int64_t extent = (window.kernel[d] - 1) * window.dilations[d] + 1;
    const std::int64_t reach = (window.output[d] - 1) * window.strides[d] + extent - window.pads_begin[d];
    padding.push_back(std::max<std::int64_t>(0, reach - sizes[d]));
  }
  return padding;
}

}  // namespace einet::graph
