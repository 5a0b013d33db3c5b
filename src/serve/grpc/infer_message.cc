#include "serve/grpc/infer_message.h"

#include "serve/reply_parameters.h"

namespace einet::serve {
namespace {

using Input = inference::ModelInferRequest::InferInputTensor;
using Output = inference::ModelInferResponse::InferOutputTensor;

std::vector<float> typed_pixels(const inference::InferTensorContents& contents) {
  require(contents.bool_contents().empty() && contents.int_contents().empty() && contents.int64_contents().empty() &&
              contents.uint_contents().empty() && contents.uint64_contents().empty() &&
              contents.fp64_contents().empty() && contents.bytes_contents().empty(),
          "the input has contents of another type than fp32_contents");
  return {contents.fp32_contents().begin(), contents.fp32_contents().end()};
}

std::vector<float> pixels_of(const inference::ModelInferRequest& message) {
  const Input& input = message.inputs(0);
  if (message.raw_input_contents().empty()) return typed_pixels(input.contents());
  require(message.raw_input_contents_size() == 1, "raw_input_contents has " +
                                                      std::to_string(message.raw_input_contents_size()) +
                                                      " entries, but the request has one input");
  require(!input.has_contents(), "the input has contents, although the request has raw_input_contents");
  return pixels_of_bytes(message.raw_input_contents(0), "raw_input_contents");
}

template <class T>
void append_raw(const T* values, std::size_t count, inference::ModelInferResponse& message) {
  message.add_raw_output_contents(reinterpret_cast<const char*>(values), count * sizeof(T));
}

}  // namespace

GrpcRequest parse_infer(const inference::ModelInferRequest& message, const graph::Shape& shape) {
  GrpcRequest request;
  request.id = message.id();
  request.raw = !message.raw_input_contents().empty();
  if (const auto timeout = message.parameters().find("timeout"); timeout != message.parameters().end()) {
    require(timeout->second.has_int64_param(), "parameter 'timeout' is not an int64");
    request.timeout = checked_timeout(timeout->second.int64_param());
  }
  if (message.outputs_size() > 0) {
    request.label = request.probabilities = false;
    for (const auto& output : message.outputs()) request_output(output.name(), request);
  }
  require(message.inputs_size() == 1,
          "the request has " + std::to_string(message.inputs_size()) + " inputs, but the model has one");
  const Input& input = message.inputs(0);
  check_input(input.name(), input.datatype(), {input.shape().data(), static_cast<std::size_t>(input.shape_size())},
              shape);
  request.image = pixels_of(message);
  check_pixels(request.image, shape);
  return request;
}

void format_reply(const ServedModel& model, const GrpcRequest& request, const Reply& reply,
                  inference::ModelInferResponse& message) {
  message.set_model_name(model.name);
  message.set_model_version(std::string(kVersion));
  message.set_id(request.id);
  const ReplyParameters parameters = parameters_of(model, reply);
  auto& map = *message.mutable_parameters();
  map["exit"].set_int64_param(parameters.exit);
  map["confidence"].set_double_param(parameters.confidence);
  map["elapsed_us"].set_int64_param(parameters.elapsed_us);
  map["interrupted"].set_bool_param(parameters.interrupted);
  map["label_name"].set_string_param(parameters.label_name);
  if (request.label) {
    Output& output = *message.add_outputs();
    output.set_name(std::string(kLabel));
    output.set_datatype("INT64");
    output.add_shape(1);
    const std::int64_t label = reply.answer.label;
    if (request.raw) {
      append_raw(&label, 1, message);
    } else {
      output.mutable_contents()->add_int64_contents(label);
    }
  }
  if (request.probabilities) {
    Output& output = *message.add_outputs();
    output.set_name(std::string(kProbabilities));
    output.set_datatype("FP32");
    output.add_shape(1);
    output.add_shape(static_cast<std::int64_t>(reply.probabilities.size()));
    if (request.raw) {
      append_raw(reply.probabilities.data(), reply.probabilities.size(), message);
    } else {
      output.mutable_contents()->mutable_fp32_contents()->Add(reply.probabilities.begin(), reply.probabilities.end());
    }
  }
}

void format_model_metadata(const ServedModel& model, inference::ModelMetadataResponse& message) {
  message.set_name(model.name);
  message.add_versions(std::string(kVersion));
  message.set_platform(std::string(kPlatform));
  auto& input = *message.add_inputs();
  input.set_name(std::string(kInput));
  input.set_datatype("FP32");
  for (const std::int64_t size : model.model->input_shape()) input.add_shape(size);
  auto& label = *message.add_outputs();
  label.set_name(std::string(kLabel));
  label.set_datatype("INT64");
  label.add_shape(1);
  auto& probabilities = *message.add_outputs();
  probabilities.set_name(std::string(kProbabilities));
  probabilities.set_datatype("FP32");
  probabilities.add_shape(1);
  probabilities.add_shape(model.classes);
}

}  // namespace einet::serve
