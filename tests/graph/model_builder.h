#pragma once

#include <onnx/onnx_pb.h>

#include <cstdint>
#include <string>
#include <vector>

namespace einet::graph {

/// A hand-made ONNX file, x [N,4] -> nodes -> y, for tests to damage.
struct ModelBuilder {
  onnx::ModelProto model;

  explicit ModelBuilder(std::int64_t opset = 13) {
    model.set_ir_version(8);
    model.add_opset_import()->set_version(opset);
    model.mutable_graph()->set_name("g");
    add_input("x", {-1, 4});
    model.mutable_graph()->add_output()->set_name("y");
  }

  onnx::ValueInfoProto& add_input(const std::string& name, const std::vector<std::int64_t>& shape) {
    auto& info = *model.mutable_graph()->add_input();
    info.set_name(name);
    auto& type = *info.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    for (const std::int64_t size : shape) {
      auto& dimension = *type.mutable_shape()->add_dim();
      if (size == -1) {
        dimension.set_dim_param("batch");
      } else {
        dimension.set_dim_value(size);
      }
    }
    return info;
  }

  onnx::NodeProto& add_node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
                            const std::string& name = "") {
    auto& node = *model.mutable_graph()->add_node();
    node.set_op_type(op);
    node.set_name(name);
    for (const std::string& input : inputs) node.add_input(input);
    node.add_output(output);
    return node;
  }

  /// Without data.
  onnx::TensorProto& add_tensor(const std::string& name, int type, const std::vector<std::int64_t>& shape) {
    auto& tensor = *model.mutable_graph()->add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    for (const std::int64_t size : shape) tensor.add_dims(size);
    return tensor;
  }

  void add_floats(const std::string& name, const std::vector<float>& values, const std::vector<std::int64_t>& shape) {
    auto& tensor = add_tensor(name, onnx::TensorProto::FLOAT, shape);
    for (const float value : values) tensor.add_float_data(value);
  }

  std::string bytes() const { return model.SerializeAsString(); }
};

template <class T>
std::string raw(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

inline onnx::AttributeProto& add_attribute(onnx::NodeProto& node, const std::string& name, std::int64_t value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::INT);
  attribute.set_i(value);
  return attribute;
}

inline onnx::AttributeProto& add_attribute(onnx::NodeProto& node, const std::string& name, float value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(onnx::AttributeProto::FLOAT);
  attribute.set_f(value);
  return attribute;
}

}  // namespace einet::graph
