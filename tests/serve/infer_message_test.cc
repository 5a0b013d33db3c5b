#include "serve/grpc/infer_message.h"

#include <gtest/gtest.h>

#include "runtime/fake_program.h"
#include "serve/expect_refusal.h"

namespace einet::serve {
namespace {

using namespace std::chrono_literals;
using inference::ModelInferRequest;
using testing::expect_refusal;

const graph::Shape kShape{1, 1, 1, 2};

ModelInferRequest valid() {
  ModelInferRequest message;
  auto& input = *message.add_inputs();
  input.set_name("image");
  input.set_datatype("FP32");
  for (const int size : {1, 1, 1, 2}) input.add_shape(size);
  for (const float value : {0.25f, 0.5f}) input.mutable_contents()->add_fp32_contents(value);
  return message;
}

TEST(InferMessage, ReadsRequests) {
  ModelInferRequest message = valid();
  message.set_id("7");
  (*message.mutable_parameters())["timeout"].set_int64_param(1500);
  message.add_outputs()->set_name("label");
  const GrpcRequest typed = parse_infer(message, kShape);
  EXPECT_EQ(typed.id, "7");
  EXPECT_EQ(typed.timeout, 1500us);
  EXPECT_TRUE(typed.label && !typed.probabilities && !typed.raw);
  EXPECT_EQ(typed.image, (std::vector<float>{0.25f, 0.5f}));

  message.mutable_inputs(0)->clear_contents();
  message.add_raw_input_contents(typed.image.data(), 8);
  const GrpcRequest raw = parse_infer(message, kShape);
  EXPECT_TRUE(raw.raw);
  EXPECT_EQ(raw.image, typed.image);
}

TEST(InferMessage, RefusesMalformedRequests) {
  const auto refused = [](const std::string& says, auto&& change) {
    ModelInferRequest message = valid();
    change(message);
    expect_refusal(Refusal::kInvalid, says, [&] { parse_infer(message, kShape); });
  };
  refused("has 0 inputs", [](ModelInferRequest& message) { message.clear_inputs(); });
  refused("has 2 inputs", [](ModelInferRequest& message) { *message.add_inputs() = valid().inputs(0); });
  refused("input 'x' does not exist", [](ModelInferRequest& message) { message.mutable_inputs(0)->set_name("x"); });
  refused("needs FP32", [](ModelInferRequest& message) { message.mutable_inputs(0)->set_datatype("UINT8"); });
  refused("but the model needs [1,1,1,2]", [](ModelInferRequest& message) { message.mutable_inputs(0)->add_shape(1); });
  refused("has 0 values", [](ModelInferRequest& message) { message.mutable_inputs(0)->clear_contents(); });
  refused("value 0 is 2", [](ModelInferRequest& message) {
    message.mutable_inputs(0)->mutable_contents()->set_fp32_contents(0, 2.0f);
  });
  refused("another type",
          [](ModelInferRequest& message) { message.mutable_inputs(0)->mutable_contents()->add_int_contents(1); });
  refused("although the request has raw_input_contents",
          [](ModelInferRequest& message) { message.add_raw_input_contents("12345678"); });
  refused("not a whole number of FP32 values", [](ModelInferRequest& message) {
    message.mutable_inputs(0)->clear_contents();
    message.add_raw_input_contents("1234567");
  });
  refused("has 2 entries", [](ModelInferRequest& message) {
    message.mutable_inputs(0)->clear_contents();
    message.add_raw_input_contents("12345678");
    message.add_raw_input_contents("12345678");
  });
  refused("'timeout' is not an int64",
          [](ModelInferRequest& message) { (*message.mutable_parameters())["timeout"].set_string_param("1"); });
  refused("'timeout' is -1",
          [](ModelInferRequest& message) { (*message.mutable_parameters())["timeout"].set_int64_param(-1); });
  refused("output 'x' does not exist", [](ModelInferRequest& message) { message.add_outputs()->set_name("x"); });
}

TEST(InferMessage, WritesReplies) {
  const ServedModel model{.name = "net", .model = einet::testing::fake_model(2, 1us), .classes = 2};
  Reply reply;
  reply.answer = {.label = 1, .exit = 1, .confidence = 0.75f, .elapsed = 1234us};
  reply.probabilities = {0.25f, 0.75f};
  GrpcRequest request;
  inference::ModelInferResponse typed;
  format_reply(model, request, reply, typed);
  EXPECT_EQ(typed.parameters().at("exit").int64_param(), 2);
  EXPECT_EQ(typed.parameters().at("elapsed_us").int64_param(), 1234);
  EXPECT_EQ(typed.parameters().at("confidence").double_param(), 0.75);
  EXPECT_FALSE(typed.parameters().at("interrupted").bool_param());
  ASSERT_EQ(typed.outputs_size(), 2);
  EXPECT_EQ(typed.outputs(0).contents().int64_contents(0), 1);
  EXPECT_EQ(typed.outputs(1).contents().fp32_contents(1), 0.75f);
  EXPECT_EQ(typed.raw_output_contents_size(), 0);

  request.raw = true;
  request.label = false;
  inference::ModelInferResponse raw;
  format_reply(model, request, reply, raw);
  ASSERT_EQ(raw.outputs_size(), 1);
  EXPECT_EQ(raw.outputs(0).name(), "probabilities");
  EXPECT_FALSE(raw.outputs(0).has_contents());
  ASSERT_EQ(raw.raw_output_contents_size(), 1);
  EXPECT_EQ(raw.raw_output_contents(0).size(), 8u);
}

}  // namespace
}  // namespace einet::serve
