#include "graph/onnx/quantized_proto.h"

#include <array>

#include "graph/onnx/tensor_proto.h"
#include "graph/onnx/unique_name.h"

namespace einet::graph {
namespace {

using onnx::TensorProto;

template <class Element>
void fill(TensorProto& proto, TensorProto::DataType type, const std::vector<std::int32_t>& values) {
  proto.set_data_type(type);
  std::vector<Element> narrow(values.begin(), values.end());
  proto.set_raw_data(reinterpret_cast<const char*>(narrow.data()), narrow.size() * sizeof(Element));
}

// Returns the name.
std::string add_integers(std::string wanted, const Shape& shape, const std::vector<std::int32_t>& values,
                         TensorProto::DataType type, TakenNames& taken, onnx::GraphProto& proto) {
  TensorProto& tensor = *proto.add_initializer();
  tensor.set_name(unique_name(std::move(wanted), taken.values));
  for (const std::int64_t size : shape) tensor.add_dims(size);
  if (type == TensorProto::INT8) fill<std::int8_t>(tensor, type, values);
  if (type == TensorProto::UINT8) fill<std::uint8_t>(tensor, type, values);
  if (type == TensorProto::INT16) fill<std::int16_t>(tensor, type, values);
  if (type == TensorProto::UINT16) fill<std::uint16_t>(tensor, type, values);
  if (type == TensorProto::INT32) fill<std::int32_t>(tensor, type, values);
  return tensor.name();
}

std::string add_scales(std::string wanted, const std::vector<float>& scales, TakenNames& taken,
                       onnx::GraphProto& proto) {
  std::string name = unique_name(std::move(wanted), taken.values);
  const Shape shape = scales.size() == 1 ? Shape{} : Shape{static_cast<std::int64_t>(scales.size())};
  *proto.add_initializer() = to_proto(Tensor(shape, scales), name);
  return name;
}

onnx::NodeProto& add_node(const char* op, const std::string& name, const std::vector<std::string>& inputs,
                          const std::string& output, onnx::GraphProto& proto) {
  onnx::NodeProto& node = *proto.add_node();
  node.set_op_type(op);
  node.set_name(name);
  for (const std::string& input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

TensorProto::DataType type_of(const Grid& grid) {
  if (grid.is_byte()) return grid.low < 0 ? TensorProto::INT8 : TensorProto::UINT8;
  return grid.low < 0 ? TensorProto::INT16 : TensorProto::UINT16;
}

}  // namespace

void write_quantized(const std::string& name, const Shape& shape, const std::vector<std::int32_t>& integers,
                     const QuantizedConstant& by, TakenNames& taken, onnx::GraphProto& proto) {
  const TensorProto::DataType type = by.bits == 8 ? TensorProto::INT8 : TensorProto::INT32;
  std::vector<std::string> inputs = {add_integers(name + ".q", shape, integers, type, taken, proto),
                                     add_scales(name + ".scale", by.scales, taken, proto)};
  if (type == TensorProto::INT8) {
    const Shape per_channel = by.scales.size() == 1 ? Shape{} : Shape{static_cast<std::int64_t>(by.scales.size())};
    const std::vector<std::int32_t> zeros(by.scales.size(), 0);
    inputs.push_back(add_integers(name + ".zero", per_channel, zeros, type, taken, proto));
  }
  onnx::NodeProto& node =
      add_node("DequantizeLinear", unique_name(name + ".dequantize", taken.nodes), inputs, name, proto);
  if (by.scales.size() == 1) return;
  onnx::AttributeProto& axis = *node.add_attribute();
  axis.set_name("axis");
  axis.set_type(onnx::AttributeProto::INT);
  axis.set_i(by.axis);
}

void write_fake_quantize(const Node& node, TakenNames& taken, onnx::GraphProto& proto) {
  const Grid grid = grid_of(node);
  const std::string& output = node.outputs.front();
  const std::string scale = add_scales(output + ".scale", {grid.scale}, taken, proto);
  const std::string zero = add_integers(output + ".zero", {}, {grid.zero}, type_of(grid), taken, proto);
  const std::string between = unique_name(output + ".q", taken.values);
  add_node("QuantizeLinear", unique_name(node.name + ".quantize", taken.nodes), {node.inputs.front(), scale, zero},
           between, proto);
  add_node("DequantizeLinear", node.name, {between, scale, zero}, output, proto);
}

}  // namespace einet::graph
