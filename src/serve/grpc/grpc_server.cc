#include "serve/grpc/grpc_server.h"

#include <grpc/support/time.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <algorithm>
#include <atomic>
#include <utility>

#include "einet/error.h"
#include "serve/grpc/grpc_log.h"
#include "serve/grpc/infer_message.h"
#include "serve/grpc/inference.grpc.pb.h"
#include "serve/grpc/stream_writer.h"
#include "serve/refusal.h"

namespace einet::serve {
namespace {

using grpc::ServerContext;
using grpc::Status;
using grpc::StatusCode;
using std::chrono::duration_cast;
using std::chrono::microseconds;

StatusCode code_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::kInvalid:
      return StatusCode::INVALID_ARGUMENT;
    case Refusal::kNotFound:
      return StatusCode::NOT_FOUND;
    case Refusal::kTooShort:
    case Refusal::kNoAnswer:
      return StatusCode::DEADLINE_EXCEEDED;
    case Refusal::kQueueFull:
      return StatusCode::RESOURCE_EXHAUSTED;
    case Refusal::kDraining:
      return StatusCode::UNAVAILABLE;
    case Refusal::kCancelled:
      return StatusCode::CANCELLED;
    case Refusal::kFailed:
      break;
  }
  return StatusCode::INTERNAL;
}

int milliseconds_of(std::chrono::seconds time) { return static_cast<int>(std::chrono::milliseconds(time).count()); }

/// Runs `work` and converts what it throws.
template <class Work>
Status status_of(Work&& work) {
  try {
    work();
    return Status::OK;
  } catch (const RequestError& error) {
    return {code_of(error.refusal()), error.what()};
  } catch (const std::exception& error) {
    return {StatusCode::INTERNAL, error.what()};
  }
}

class Service final : public inference::GRPCInferenceService::Service {
 public:
  using Stream = grpc::ServerReaderWriter<inference::ModelStreamInferResponse, inference::ModelInferRequest>;

  Service(Engine& engine, DisconnectWatch& watch, const GrpcOptions& options)
      : engine_(engine), watch_(watch), options_(options) {}

  Status ServerLive(ServerContext*, const inference::ServerLiveRequest*,
                    inference::ServerLiveResponse* reply) override {
    reply->set_live(true);
    return Status::OK;
  }

  Status ServerReady(ServerContext*, const inference::ServerReadyRequest*,
                     inference::ServerReadyResponse* reply) override {
    reply->set_ready(engine_.ready());
    return Status::OK;
  }

  Status ModelReady(ServerContext*, const inference::ModelReadyRequest* request,
                    inference::ModelReadyResponse* reply) override {
    return status_of([&] {
      engine_.model(request->name(), request->version());
      reply->set_ready(engine_.ready());
    });
  }

  Status ServerMetadata(ServerContext*, const inference::ServerMetadataRequest*,
                        inference::ServerMetadataResponse* reply) override {
    reply->set_name("einet");
    reply->set_version(options_.version);
    return Status::OK;
  }

  Status ModelMetadata(ServerContext*, const inference::ModelMetadataRequest* request,
                       inference::ModelMetadataResponse* reply) override {
    return status_of([&] { format_model_metadata(engine_.model(request->name(), request->version()), *reply); });
  }

  Status ModelInfer(ServerContext* context, const inference::ModelInferRequest* message,
                    inference::ModelInferResponse* reply) override {
    const Clock::time_point arrival = Clock::now();
    return status_of([&] { infer(*context, *message, arrival, *reply, {}); });
  }

  Status ModelStreamInfer(ServerContext* context, Stream* stream) override {
    if (streams_.fetch_add(1) >= options_.streams) {
      streams_.fetch_sub(1);
      return {StatusCode::RESOURCE_EXHAUSTED, "too many streams are open"};
    }
    Status status = Status::OK;
    {
      StreamWriter writer([stream](const auto& response) { return stream->Write(response); });
      inference::ModelInferRequest message;
      while (status.ok() && stream->Read(&message)) {
        answer_in_stream(*context, message, writer);
        if (writer.flush(options_.write)) continue;
        status = {StatusCode::CANCELLED, "the client does not receive its replies"};
        context->TryCancel();  // Ends the writer's last call, too.
      }
    }
    streams_.fetch_sub(1);
    return status;
  }

 private:
  using OnAnswer = std::function<void(const ServedModel&, const GrpcRequest&, const Reply&)>;

  /// Every answer, and then the last one again, marked as Triton marks the last response to a request.
  void answer_in_stream(ServerContext& context, const inference::ModelInferRequest& message, StreamWriter& writer) {
    const Clock::time_point arrival = Clock::now();
    inference::ModelStreamInferResponse last;
    const Status status = status_of([&] {
      infer(context, message, arrival, *last.mutable_infer_response(),
            [&](const ServedModel& model, const GrpcRequest& request, const Reply& reply) {
              inference::ModelStreamInferResponse answer;
              format_reply(model, request, reply, *answer.mutable_infer_response());
              mark(answer, false);
              writer.add(std::move(answer));
            });
    });
    if (!status.ok()) {
      last.set_error_message(status.error_message());
      last.mutable_infer_response()->set_id(message.id());
    }
    mark(last, true);
    writer.add(std::move(last));
  }

  static void mark(inference::ModelStreamInferResponse& response, bool last) {
    (*response.mutable_infer_response()->mutable_parameters())["triton_final_response"].set_bool_param(last);
  }

  void infer(ServerContext& context, const inference::ModelInferRequest& message, Clock::time_point arrival,
             inference::ModelInferResponse& response, const OnAnswer& on_answer) {
    const ServedModel& model = engine_.model(message.model_name(), message.model_version());
    GrpcRequest request;
    try {
      request = parse_infer(message, model.model->input_shape());
    } catch (const RequestError& error) {
      engine_.count_refusal(model, error.refusal());
      throw;
    }
    limit_timeout(context, arrival, request);
    format_reply(model, request, run(context, model, request, arrival, on_answer), response);
  }

  /// The deadline of the call, if it is earlier than the timeout.
  void limit_timeout(ServerContext& context, Clock::time_point arrival, GrpcRequest& request) const {
    // Not context.deadline(), which overflows for those of clients that ask for centuries.
    constexpr std::chrono::hours kFar{24 * 365};
    const gpr_timespec deadline = context.raw_deadline();
    const gpr_timespec from_now = gpr_time_sub(deadline, gpr_now(deadline.clock_type));
    if (std::chrono::seconds(from_now.tv_sec) > kFar) return;
    const auto left =
        std::chrono::seconds(from_now.tv_sec) + std::chrono::nanoseconds(from_now.tv_nsec) - options_.margin;
    const auto from_arrival = duration_cast<microseconds>(left + (Clock::now() - arrival));
    const microseconds limit = std::max(from_arrival, microseconds(1));
    request.timeout = request.timeout ? std::min(*request.timeout, limit) : limit;
  }

  Reply run(ServerContext& context, const ServedModel& model, const GrpcRequest& request, Clock::time_point arrival,
            const OnAnswer& on_answer) {
    Cancellation cancellation;
    const DisconnectWatch::Request watched(
        watch_, [&context] { return context.IsCancelled(); }, cancellation);
    Engine::OnAnswer each;
    if (on_answer) each = [&](const Reply& reply) { on_answer(model, request, reply); };
    return engine_.infer(model, request, arrival, cancellation, each);
  }

  Engine& engine_;
  DisconnectWatch& watch_;
  const GrpcOptions& options_;
  std::atomic<int> streams_{0};
};

}  // namespace

struct GrpcServer::Impl {
  Impl(Engine& engine, DisconnectWatch& watch, const GrpcOptions& grpc_options)
      : options(grpc_options), service(engine, watch, options) {}

  const GrpcOptions options;
  Service service;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

GrpcServer::GrpcServer(Engine& engine, DisconnectWatch& watch, const GrpcOptions& options)
    : impl_(std::make_unique<Impl>(engine, watch, options)) {
  log_errors_of_grpc();
  // Besides requests and streams, a few threads wait for calls and answer health checks.
  constexpr int kOthers = 8;
  constexpr int kPollers = 2;
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ResourceQuota quota("einet");
  quota.SetMaxThreads(static_cast<int>(engine.most_requests()) + options.streams + kOthers);
  std::size_t most_pixels = 0;
  for (const ServedModel& model : engine.models()) most_pixels = std::max(most_pixels, model.model->input_size());
  constexpr std::size_t kRest = 65536;

  grpc::ServerBuilder builder;
  builder.SetResourceQuota(quota);
  builder.SetMaxReceiveMessageSize(static_cast<int>(most_pixels * sizeof(float) + kRest));
  builder.SetSyncServerOption(grpc::ServerBuilder::NUM_CQS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MIN_POLLERS, 1);
  builder.SetSyncServerOption(grpc::ServerBuilder::MAX_POLLERS, kPollers);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // A port that is in use is an error.
  // Unfinished calls take memory, some 10 KiB each, and connections file descriptors.
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, options.calls);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, milliseconds_of(options.handshake));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, milliseconds_of(options.keep_alive));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, milliseconds_of(options.handshake));
  const std::string address = options.address + ":" + std::to_string(options.port);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &impl_->port);
  builder.RegisterService(&impl_->service);
  impl_->server = builder.BuildAndStart();
  if (!impl_->server || impl_->port == 0) throw Error(ErrorKind::kIo, "gRPC on " + address, "cannot listen");
}

GrpcServer::~GrpcServer() { impl_->server->Shutdown(std::chrono::system_clock::now()); }

std::uint16_t GrpcServer::port() const { return static_cast<std::uint16_t>(impl_->port); }

void GrpcServer::announce_end() { impl_->server->GetHealthCheckService()->SetServingStatus(false); }

void GrpcServer::drain(std::chrono::seconds limit) {
  announce_end();
  impl_->server->Shutdown(std::chrono::system_clock::now() + limit);
}

}  // namespace einet::serve
