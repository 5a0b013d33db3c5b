#pragma once

#include "serve/engine.h"
#include "serve/grpc/inference.pb.h"
#include "serve/tensors.h"

namespace einet::serve {

/// An inference request of the gRPC protocol. `raw` is whether the client sent raw tensors, which replies then are too.
struct GrpcRequest : InferRequest {
  bool raw = false;
};

/// Throws RequestError kInvalid with one sentence.
GrpcRequest parse_infer(const inference::ModelInferRequest& message, const graph::Shape& input);
void format_reply(const ServedModel& model, const GrpcRequest& request, const Reply& reply,
                  inference::ModelInferResponse& message);
void format_model_metadata(const ServedModel& model, inference::ModelMetadataResponse& message);

}  // namespace einet::serve
