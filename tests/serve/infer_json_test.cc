#include "serve/rest/infer_json.h"

#include <gtest/gtest.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "runtime/fake_program.h"
#include "serve/expect_refusal.h"
#include "serve/rest/strict_json.h"

namespace einet::serve {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::expect_refusal;

const graph::Shape kShape{1, 1, 2, 2};

json valid() {
  return {
      {"inputs", {{{"name", "image"}, {"datatype", "FP32"}, {"shape", {1, 1, 2, 2}}, {"data", {0.0, 0.25, 0.5, 1}}}}}};
}

RestRequest parse(const json& document) { return parse_infer(document.dump(), std::nullopt, kShape); }

TEST(InferJson, ReadsRequests) {
  json document = valid();
  RestRequest request = parse(document);
  EXPECT_EQ(request.image, (std::vector<float>{0.0f, 0.25f, 0.5f, 1.0f}));
  EXPECT_FALSE(request.timeout);
  EXPECT_TRUE(request.label && request.probabilities);
  EXPECT_FALSE(request.binary_label || request.binary_probabilities);

  document["id"] = "7";
  document["parameters"] = {{"timeout", 1500}, {"priority", 1}};
  document["inputs"][0]["data"] = {{{{0.0, 0.25}, {0.5, 1}}}};
  document["outputs"] = {{{"name", "probabilities"}, {"parameters", {{"binary_data", true}}}}};
  request = parse(document);
  EXPECT_EQ(request.id, "7");
  EXPECT_EQ(request.timeout, 1500us);
  EXPECT_EQ(request.image, (std::vector<float>{0.0f, 0.25f, 0.5f, 1.0f}));
  EXPECT_FALSE(request.label);
  EXPECT_TRUE(request.probabilities && request.binary_probabilities);
}

/// A valid request with binary data.
std::pair<std::string, std::size_t> binary_request(const std::vector<float>& pixels, std::size_t stated) {
  json document = valid();
  document["inputs"][0].erase("data");
  document["inputs"][0]["parameters"] = {{"binary_data_size", stated}};
  std::string body = document.dump();
  const std::size_t json_bytes = body.size();
  body.append(reinterpret_cast<const char*>(pixels.data()), pixels.size() * sizeof(float));
  return {body, json_bytes};
}

TEST(InferJson, ReadsBinaryData) {
  const std::vector<float> pixels{0.1f, 0.2f, 0.3f, 0.4f};
  const auto [body, json_bytes] = binary_request(pixels, 16);
  EXPECT_EQ(parse_infer(body, json_bytes, kShape).image, pixels);
  const auto refused = [&](const std::vector<float>& values, std::size_t stated, const std::string& says) {
    const auto [wrong, bytes] = binary_request(values, stated);
    expect_refusal(Refusal::kInvalid, says, [&, &wrong = wrong, &bytes = bytes] { parse_infer(wrong, bytes, kShape); });
  };
  refused(pixels, 12, "'binary_data_size' of the input is 12, but 16 bytes follow");
  refused({0.1f, 0.2f, 0.3f}, 12, "has 3 values, but its shape");
  refused({0.1f, 0.2f, 0.3f, std::numeric_limits<float>::quiet_NaN()}, 16, "value 3 is nan");
  expect_refusal(Refusal::kInvalid, "exceeds the size of the body",
                 [&, &body = body] { parse_infer(body, body.size() + 1, kShape); });
  expect_refusal(Refusal::kInvalid, "malformed at byte",
                 [&, &body = body, &bytes = json_bytes] { parse_infer(body, bytes - 1, kShape); });
  std::string odd = valid().dump();
  const std::size_t json_size = odd.size();
  odd += "abc";
  expect_refusal(Refusal::kInvalid, "has no 'binary_data_size'", [&] { parse_infer(odd, json_size, kShape); });
}

TEST(InferJson, RefusesMalformedRequests) {
  const auto refused = [](const std::string& says, auto&& change) {
    json document = valid();
    change(document);
    expect_refusal(Refusal::kInvalid, says, [&] { parse(document); });
  };
  const auto input_with = [&](const std::string& says, const char* field, const json& value) {
    refused(says, [&](json& document) { document["inputs"][0][field] = value; });
  };
  const auto input_without = [&](const char* field) {
    refused(std::string("the input has n"), [&](json& document) { document["inputs"][0].erase(field); });
  };
  for (const char* const field : {"name", "datatype", "shape", "data"}) input_without(field);
  input_with("'name' of the input is not a string", "name", 1);
  input_with("input 'x' does not exist", "name", "x");
  input_with("datatype 'INT8', but the model needs FP32", "datatype", "INT8");
  input_with("shape [1,1,4], but the model needs [1,1,2,2]", "shape", {1, 1, 4});
  input_with("20 axes", "shape", std::vector<int>(20, 1));
  input_with("a size in 'shape' of the input is not an integer", "shape", {1, 1, 2, 2.5});
  input_with("out of range", "shape", {1, 1, 2, 18446744073709551615u});
  input_with("'shape' of the input is not an array", "shape", 4);
  input_with("has 3 values, but its shape", "data", {0.0, 0.0, 0.0});
  input_with("more values than its shape", "data", {0.0, 0.0, 0.0, 0.0, 0.0});
  input_with("value 1 is 1.5", "data", {0.0, 1.5, 0.0, 0.0});
  input_with("value 2 is -0.1", "data", {0.0, 0.0, -0.1, 0.0});
  input_with("value 0 is inf", "data", {1e300, 0.0, 0.0, 0.0});
  input_with("not a number", "data", {0.0, "a", 0.0, 0.0});
  input_with("not a number", "data", {0.0, nullptr, 0.0, 0.0});
  input_with("'data' of the input is not an array", "data", 1.0);
  input_with("'parameters' of the input is not an object", "parameters", 1);
  input_with("both 'data' and 'binary_data_size'", "parameters", {{"binary_data_size", 16}});
  refused("'inputs' is not an array", [](json& document) { document["inputs"] = 1; });
  refused("the request has no 'inputs'", [](json& document) { document.erase("inputs"); });
  refused("has 0 inputs", [](json& document) { document["inputs"] = json::array(); });
  refused("has 2 inputs", [](json& document) { document["inputs"].push_back(document["inputs"][0]); });
  refused("the input is not an object", [](json& document) { document["inputs"][0] = 1; });
  refused("'id' is not a string", [](json& document) { document["id"] = 1; });
  refused("'parameters' of the request is not an object", [](json& document) { document["parameters"] = "x"; });
  refused("'timeout' is not an integer", [](json& document) { document["parameters"]["timeout"] = "1"; });
  refused("'timeout' is not an integer", [](json& document) { document["parameters"]["timeout"] = 1.5; });
  refused("'timeout' is 0, but must be 1 to", [](json& document) { document["parameters"]["timeout"] = 0; });
  refused("'timeout' is -5", [](json& document) { document["parameters"]["timeout"] = -5; });
  refused("out of range",
          [](json& document) { document["parameters"]["timeout"] = std::numeric_limits<std::uint64_t>::max(); });
  refused("'binary_data_output' is not true or false",
          [](json& document) { document["parameters"]["binary_data_output"] = 1; });
  refused("'outputs' is not an array", [](json& document) { document["outputs"] = 1; });
  refused("an output is not an object", [](json& document) { document["outputs"] = {1}; });
  refused("an output has no 'name'", [](json& document) { document["outputs"] = json::array({json::object()}); });
  refused("output 'logits' does not exist", [](json& document) { document["outputs"] = {{{"name", "logits"}}}; });
  refused("output 'label' is requested twice", [](json& document) {
    document["outputs"] = {{{"name", "label"}}, {{"name", "label"}}};
  });
}

TEST(StrictJson, RefusesWhatParsersReadDifferently) {
  const auto refused = [](const std::string& text, const std::string& says) {
    expect_refusal(Refusal::kInvalid, says, [&] { parse_object(text); });
  };
  refused("", "malformed at byte");
  refused("{", "malformed at byte");
  refused("{} x", "malformed at byte");
  refused("[1]", "not a JSON object");
  refused("{\"a\": NaN}", "malformed at byte");
  refused("{\"a\": 1e999}", "out of range");
  refused("{\"a\": \"\xff\"}", "malformed at byte");
  refused("{\"a\": 1, \"a\": 2}", "twice");
  refused("{\"b\": [{\"a\": 1, \"\\u0061\": 2}]}", "twice");
  refused("{\"a\":" + std::string(20, '[') + std::string(20, ']') + "}", "nested too deeply");
  refused(std::string(100'000, '['), "nested too deeply");
  EXPECT_EQ(parse_object(R"({"a": [1, {"a": null}], "b": {"a": true}})"),
            json::parse(R"({"a": [1, {"a": null}], "b": {"a": true}})"));
  EXPECT_NO_THROW(parse_object("{\"a\":" + std::string(15, '[') + std::string(15, ']') + "}"));
}

TEST(InferJson, WritesReplies) {
  const ServedModel model{
      .name = "net", .model = einet::testing::fake_model(2, std::chrono::microseconds(1)), .classes = 2};
  Reply reply;
  reply.answer = {.label = 1, .exit = 1, .confidence = 0.75f, .elapsed = std::chrono::microseconds(1234)};
  reply.probabilities = {0.25f, 0.75f};
  reply.interrupted = true;
  RestRequest request;
  request.id = "x";
  const RestReply plain = format_reply(model, request, reply);
  EXPECT_FALSE(plain.json_bytes);
  const json document = json::parse(plain.body);
  EXPECT_EQ(document["model_name"], "net");
  EXPECT_EQ(document["id"], "x");
  EXPECT_EQ(
      document["parameters"],
      (json{{"exit", 2}, {"confidence", 0.75}, {"elapsed_us", 1234}, {"interrupted", true}, {"label_name", "1"}}));
  EXPECT_EQ(document["outputs"][0], (json{{"name", "label"}, {"datatype", "INT64"}, {"shape", {1}}, {"data", {1}}}));
  EXPECT_EQ(document["outputs"][1],
            (json{{"name", "probabilities"}, {"datatype", "FP32"}, {"shape", {1, 2}}, {"data", {0.25, 0.75}}}));

  request.binary_label = request.binary_probabilities = true;
  const RestReply binary = format_reply(model, request, reply);
  ASSERT_TRUE(binary.json_bytes);
  ASSERT_EQ(binary.body.size(), *binary.json_bytes + 8 + 8);
  const json header = json::parse(binary.body.substr(0, *binary.json_bytes));
  EXPECT_EQ(header["outputs"][0]["parameters"]["binary_data_size"], 8);
  std::int64_t label = 0;
  float probabilities[2] = {};
  std::memcpy(&label, binary.body.data() + *binary.json_bytes, 8);
  std::memcpy(probabilities, binary.body.data() + *binary.json_bytes + 8, 8);
  EXPECT_EQ(label, 1);
  EXPECT_EQ(probabilities[1], 0.75f);
}

}  // namespace
}  // namespace einet::serve
