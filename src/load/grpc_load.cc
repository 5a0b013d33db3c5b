#include "load/grpc_load.h"

#include <grpcpp/grpcpp.h>

#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <thread>

#include "einet/error.h"
#include "serve/grpc/inference.grpc.pb.h"

namespace einet::load {
namespace {

using inference::GRPCInferenceService;

inference::ModelInferRequest message_of(const Target& target, const Planned& planned) {
  inference::ModelInferRequest message;
  message.set_model_name(target.model);
  if (planned.timeout) (*message.mutable_parameters())["timeout"].set_int64_param(planned.timeout->count());
  auto& input = *message.add_inputs();
  input.set_name("image");
  input.set_datatype("FP32");
  for (const std::int64_t size : target.shape) input.add_shape(size);
  message.add_outputs()->set_name("label");
  message.add_raw_input_contents(planned.pixels.data(), planned.pixels.size_bytes());
  return message;
}

const char* name_of(grpc::StatusCode code) {
  static constexpr std::array kNames = {
      "OK",        "CANCELLED",      "UNKNOWN",           "INVALID_ARGUMENT",   "DEADLINE_EXCEEDED",
      "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION",
      "ABORTED",   "OUT_OF_RANGE",   "UNIMPLEMENTED",     "INTERNAL",           "UNAVAILABLE",
      "DATA_LOSS", "UNAUTHENTICATED"};
  const auto number = static_cast<std::size_t>(code);
  return number < kNames.size() ? kNames[number] : "UNKNOWN";
}

struct Call {
  grpc::ClientContext context;
  grpc::Status status;
  inference::ModelInferResponse reply;
  std::unique_ptr<grpc::ClientAsyncResponseReader<inference::ModelInferResponse>> reader;
};

void read_reply(const Call& call, Outcome& outcome) {
  outcome.refusal.clear();
  if (!call.status.ok()) {
    outcome.refusal = name_of(call.status.error_code());
    return;
  }
  const auto& parameters = call.reply.parameters();
  const auto exit = parameters.find("exit"), interrupted = parameters.find("interrupted");
  std::int64_t label = -1;
  if (exit == parameters.end() || interrupted == parameters.end() || call.reply.raw_output_contents_size() != 1 ||
      call.reply.raw_output_contents(0).size() != sizeof label) {
    outcome.refusal = "malformed reply";
    return;
  }
  std::memcpy(&label, call.reply.raw_output_contents(0).data(), sizeof label);
  outcome.exit = static_cast<int>(exit->second.int64_param()) - 1;
  outcome.label = static_cast<int>(label);
  outcome.interrupted = interrupted->second.bool_param();
}

}  // namespace

std::vector<Outcome> run_grpc(const Target& target, std::span<const Planned> requests) {
  if (requests.empty()) return {};
  const std::string address = target.host + ":" + std::to_string(target.port);
  const auto channel = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  constexpr std::chrono::seconds kConnecting{10};
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + kConnecting)) {
    throw Error(ErrorKind::kIo, address, "nothing answers gRPC there");
  }
  const auto stub = GRPCInferenceService::NewStub(channel);
  const auto last = std::chrono::duration_cast<std::chrono::microseconds>(requests.back().due);
  std::vector<Outcome> outcomes(requests.size(), Outcome{.refusal = kNoReply});
  std::vector<Call> calls(requests.size());
  grpc::CompletionQueue queue;
  const Clock::time_point begin = Clock::now();
  const auto deadline = std::chrono::system_clock::now() + last + kPatience;
  const auto due = [&](std::size_t i) { return begin + std::chrono::duration_cast<Clock::duration>(requests[i].due); };

  // Every call ends: with its reply, or at its deadline.
  std::thread receiver([&] {
    void* tag = nullptr;
    bool ok = false;
    for (std::size_t ended = 0; ended < calls.size() && queue.Next(&tag, &ok); ++ended) {
      const auto i = static_cast<std::size_t>(static_cast<Call*>(tag) - calls.data());
      outcomes[i].latency = Clock::now() - due(i);
      read_reply(calls[i], outcomes[i]);
    }
  });
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const inference::ModelInferRequest message = message_of(target, requests[i]);  // Before its time.
    calls[i].context.set_deadline(deadline);
    std::this_thread::sleep_until(due(i));
    outcomes[i].sent = Clock::now() - due(i);
    calls[i].reader = stub->AsyncModelInfer(&calls[i].context, message, &queue);
    calls[i].reader->Finish(&calls[i].reply, &calls[i].status, &calls[i]);
  }
  receiver.join();
  queue.Shutdown();
  return outcomes;
}

}  // namespace einet::load
