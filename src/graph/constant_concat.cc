#include "graph/constant_concat.h"

#include <algorithm>
#include <utility>

#include "graph/axis.h"
#include "graph/faults.h"

namespace einet::graph {

std::vector<Node> concat_with_constants(const Node& node, const Shape& image, const std::vector<ConcatInput>& inputs,
                                        const std::function<std::string(const std::string&)>& fresh,
                                        const std::function<std::string(Tensor)>& add) {
  const auto give_up = [&](const std::string& value) {
    unsupported(node, "'" + value + "' depends on the batch size");
  };
  const std::size_t axis = counted_axis(node, node.attribute("axis", std::int64_t{0}), image.size());
  if (axis == 0) give_up(inputs.front().value);
  Tensor sum(image, std::vector<float>(static_cast<std::size_t>(element_count(image)), 0.0f));
  const std::int64_t inner = element_count(Shape(image.begin() + static_cast<std::ptrdiff_t>(axis) + 1, image.end()));
  const std::int64_t row = image[axis] * inner, rows = row == 0 ? 0 : element_count(image) / row;
  std::vector<std::string> computed;
  std::int64_t at = 0, before = 0, after = 0;
  for (const ConcatInput& input : inputs) {
    if (input.constant == nullptr) {
      if (after > 0) give_up(input.value);
      computed.push_back(input.value);
    } else {
      const std::vector<float>& values = input.constant->floats();
      for (std::int64_t r = 0; r < rows; ++r) {
        std::copy_n(values.begin() + r * input.size * inner, input.size * inner,
                    sum.floats().begin() + r * row + at * inner);
      }
      (computed.empty() ? before : after) += input.size;
    }
    at += input.size;
  }
  if (computed.empty()) give_up(inputs.front().value);

  std::vector<Node> nodes;
  std::string value = computed.front();
  if (computed.size() > 1) {
    const std::string joined = fresh("joined");
    nodes.push_back({"Concat", joined, computed, {joined}, node.attributes});
    value = joined;
  }
  std::vector<std::int64_t> pads(2 * image.size(), 0);
  pads[axis] = before;
  pads[image.size() + axis] = after;
  const auto count = static_cast<std::int64_t>(pads.size());
  const std::string padded = fresh("padded");
  nodes.push_back({"Pad", padded, {value, add(Tensor({count}, std::move(pads)))}, {padded}, {}});
  nodes.push_back({"Add", node.name, {padded, add(std::move(sum))}, node.outputs, {}});
  return nodes;
}

}  // namespace einet::graph
