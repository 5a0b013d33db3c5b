#include "serve/rest/infer_json.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "serve/reply_parameters.h"
#include "serve/rest/strict_json.h"

namespace einet::serve {
namespace {

using nlohmann::json;

/// A member of `object`, or nullptr.
const json* find(const json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

/// A member that must exist.
const json& member(const json& object, const char* name, const std::string& of) {
  const json* const found = find(object, name);
  require(found != nullptr, of + " has no '" + name + "'");
  return *found;
}

const std::string& string_of(const json& value, const std::string& what) {
  require(value.is_string(), what + " is not a string");
  return value.get_ref<const std::string&>();
}

bool bool_of(const json& value, const std::string& what) {
  require(value.is_boolean(), what + " is not true or false");
  return value.get<bool>();
}

std::int64_t integer_of(const json& value, const std::string& what) {
  require(value.is_number_integer(), what + " is not an integer");
  require(!value.is_number_unsigned() || std::in_range<std::int64_t>(value.get<std::uint64_t>()),
          what + " is out of range");
  return value.get<std::int64_t>();
}

/// The optional object "parameters"; empty if there is none.
const json& parameters_of(const json& object, const std::string& of) {
  static const json none = json::object();
  const json* const found = find(object, "parameters");
  if (found == nullptr) return none;
  require(found->is_object(), "'parameters' of " + of + " is not an object");
  return *found;
}

std::vector<std::int64_t> shape_of(const json& value) {
  require(value.is_array(), "'shape' of the input is not an array");
  std::vector<std::int64_t> shape;
  for (const json& size : value) shape.push_back(integer_of(size, "a size in 'shape' of the input"));
  return shape;
}

/// Appends the numbers in arbitrarily nested arrays.
void flatten(const json& value, std::size_t most, std::vector<float>& pixels) {
  if (value.is_array()) {
    for (const json& each : value) flatten(each, most, pixels);
    return;
  }
  require(value.is_number(), "'data' of the input has a value that is not a number");
  require(pixels.size() < most, "'data' of the input has more values than its shape");
  pixels.push_back(static_cast<float>(value.get<double>()));
}

/// The pixels of an input with `binary_data_size`, which are all of `binary`.
std::vector<float> binary_pixels(const json& size, std::string_view binary) {
  const std::int64_t bytes = integer_of(size, "'binary_data_size' of the input");
  require(bytes >= 0 && std::cmp_equal(bytes, binary.size()),
          "'binary_data_size' of the input is " + std::to_string(bytes) + ", but " + std::to_string(binary.size()) +
              " bytes follow the JSON");
  return pixels_of_bytes(binary, "the binary data of the input");
}

std::vector<float> pixels_of(const json& input, std::string_view binary, std::size_t most) {
  const json* const size = find(parameters_of(input, "the input"), "binary_data_size");
  const json* const data = find(input, "data");
  require(size == nullptr || data == nullptr, "the input has both 'data' and 'binary_data_size'");
  if (size != nullptr) return binary_pixels(*size, binary);
  require(data != nullptr, "the input has neither 'data' nor 'binary_data_size'");
  require(binary.empty(), "binary data follows the JSON, but the input has no 'binary_data_size'");
  require(data->is_array(), "'data' of the input is not an array");
  std::vector<float> pixels;
  pixels.reserve(most);
  flatten(*data, most, pixels);
  return pixels;
}

void read_outputs(const json& document, bool binary, RestRequest& request) {
  request.binary_label = request.binary_probabilities = binary;
  const json* const outputs = find(document, "outputs");
  if (outputs == nullptr) return;
  require(outputs->is_array(), "'outputs' is not an array");
  if (outputs->empty()) return;
  request.label = request.probabilities = false;
  for (const json& output : *outputs) {
    require(output.is_object(), "an output is not an object");
    const std::string& name = string_of(member(output, "name", "an output"), "'name' of an output");
    request_output(name, request);
    if (const json* const wish = find(parameters_of(output, "an output"), "binary_data")) {
      (name == kLabel ? request.binary_label : request.binary_probabilities) =
          bool_of(*wish, "'binary_data' of an output");
    }
  }
}

}  // namespace

RestRequest parse_infer(std::string_view body, std::optional<std::size_t> json_bytes, const graph::Shape& shape) {
  require(!json_bytes || *json_bytes <= body.size(), "Inference-Header-Content-Length exceeds the size of the body");
  const std::string_view text = body.substr(0, json_bytes.value_or(body.size()));
  const json document = parse_object(text);
  RestRequest request;
  if (const json* const id = find(document, "id")) request.id = string_of(*id, "'id'");
  const json& parameters = parameters_of(document, "the request");
  if (const json* const timeout = find(parameters, "timeout")) {
    request.timeout = checked_timeout(integer_of(*timeout, "parameter 'timeout'"));
  }
  const json* const binary = find(parameters, "binary_data_output");
  read_outputs(document, binary != nullptr && bool_of(*binary, "parameter 'binary_data_output'"), request);

  const json& inputs = member(document, "inputs", "the request");
  require(inputs.is_array(), "'inputs' is not an array");
  require(inputs.size() == 1, "the request has " + std::to_string(inputs.size()) + " inputs, but the model has one");
  const json& input = inputs.front();
  require(input.is_object(), "the input is not an object");
  check_input(string_of(member(input, "name", "the input"), "'name' of the input"),
              string_of(member(input, "datatype", "the input"), "'datatype' of the input"),
              shape_of(member(input, "shape", "the input")), shape);
  request.image = pixels_of(input, body.substr(text.size()), static_cast<std::size_t>(graph::element_count(shape)));
  check_pixels(request.image, shape);
  return request;
}

RestReply format_reply(const ServedModel& model, const RestRequest& request, const Reply& reply) {
  json document{{"model_name", model.name}, {"model_version", kVersion}};
  if (!request.id.empty()) document["id"] = request.id;
  const ReplyParameters parameters = parameters_of(model, reply);
  document["parameters"] = {{"exit", parameters.exit},
                            {"confidence", parameters.confidence},
                            {"elapsed_us", parameters.elapsed_us},
                            {"interrupted", parameters.interrupted},
                            {"label_name", parameters.label_name}};
  json outputs = json::array();
  std::string binary;
  const auto add = [&](std::string_view name, const char* datatype, const std::vector<std::int64_t>& shape,
                       const auto& values, bool as_bytes) {
    json output{{"name", name}, {"datatype", datatype}, {"shape", shape}};
    if (as_bytes) {
      const std::size_t bytes = values.size() * sizeof values[0];
      output["parameters"] = {{"binary_data_size", bytes}};
      binary.append(reinterpret_cast<const char*>(values.data()), bytes);
    } else {
      output["data"] = values;
    }
    outputs.push_back(std::move(output));
  };
  if (request.label) {
    add(kLabel, "INT64", {1}, std::vector<std::int64_t>{reply.answer.label}, request.binary_label);
  }
  if (request.probabilities) {
    add(kProbabilities, "FP32", {1, static_cast<std::int64_t>(reply.probabilities.size())}, reply.probabilities,
        request.binary_probabilities);
  }
  document["outputs"] = std::move(outputs);
  RestReply result{.body = document.dump(-1, ' ', false, json::error_handler_t::replace), .json_bytes = std::nullopt};
  if (!binary.empty()) {
    result.json_bytes = result.body.size();
    result.body += binary;
  }
  return result;
}

std::string format_error(std::string_view sentence) {
  return json{{"error", sentence}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string format_model_metadata(const ServedModel& model) {
  const json document{
      {"name", model.name},
      {"versions", {kVersion}},
      {"platform", kPlatform},
      {"inputs", {{{"name", kInput}, {"datatype", "FP32"}, {"shape", model.model->input_shape()}}}},
      {"outputs",
       {{{"name", kLabel}, {"datatype", "INT64"}, {"shape", {1}}},
        {{"name", kProbabilities}, {"datatype", "FP32"}, {"shape", std::vector<std::int64_t>{1, model.classes}}}}},
      {"parameters",
       {{"exits", model.model->exits()},
        {"first_answer_us", model.first_answer.count() * 1e6},
        {"horizon_us", model.model->horizon().count() * 1e6},
        {"labels", model.model->labels()}}}};
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string format_server_metadata(std::string_view version) {
  return json{{"name", "einet"}, {"version", version}, {"extensions", {"binary_tensor_data"}}}.dump();
}

}  // namespace einet::serve
