#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// An input of a Concat: a computed value, or a constant [1,…] that is the same for each image of a batch.
struct ConcatInput {
  std::string value;
  std::int64_t size = 0;  ///< Along the axis of the Concat.
  const Tensor* constant = nullptr;
};

/// Concat cannot repeat a constant, such as a class token, for a batch of any size. If the constants precede or follow
/// the computed inputs, a Pad and an Add compute the same: the nodes returned replace `node`, whose result for one
/// image is `image`, [1,…]. `fresh(suffix)` returns a name that is not in use, `add(tensor)` stores a constant and
/// returns its name. Throws kUnsupported, naming the node, if constants are between computed inputs, if no input is
/// computed, and for a Concat along the batch.
std::vector<Node> concat_with_constants(const Node& node, const Shape& image, const std::vector<ConcatInput>& inputs,
                                        const std::function<std::string(const std::string&)>& fresh,
                                        const std::function<std::string(Tensor)>& add);

}  // namespace einet::graph
