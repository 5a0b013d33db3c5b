#pragma once

#include <onnx/onnx_pb.h>

#include <string>
#include <unordered_set>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// The names of a file's values and nodes, to which new ones are added.
struct TakenNames {
  std::unordered_set<std::string> values, nodes;
};

/// Writes a constant as integers, with the DequantizeLinear node that makes the floats `name` of them.
void write_quantized(const std::string& name, const Shape& shape, const std::vector<std::int32_t>& integers,
                     const QuantizedConstant& by, TakenNames& taken, onnx::GraphProto& proto);

/// Writes a FakeQuantize node as QuantizeLinear and DequantizeLinear.
void write_fake_quantize(const Node& node, TakenNames& taken, onnx::GraphProto& proto);

}  // namespace einet::graph
