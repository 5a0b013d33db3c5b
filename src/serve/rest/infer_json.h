#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "serve/engine.h"
#include "serve/tensors.h"

namespace einet::serve {

/// An inference request of the REST protocol and how its outputs are to be encoded.
struct RestRequest : InferRequest {
  bool binary_label = false, binary_probabilities = false;
};

/// Parses the body of POST …/infer for a model with this input. The first `json_bytes` bytes are JSON and the rest is
/// binary (the protocol's binary tensor extension, header Inference-Header-Content-Length); empty = all is JSON. Throws
/// RequestError kInvalid with one sentence.
RestRequest parse_infer(std::string_view body, std::optional<std::size_t> json_bytes, const graph::Shape& input);

/// The body of a reply; `json_bytes` is set if binary tensors follow the JSON.
struct RestReply {
  std::string body;
  std::optional<std::size_t> json_bytes;
};

RestReply format_reply(const ServedModel& model, const RestRequest& request, const Reply& reply);
/// {"error": sentence}
std::string format_error(std::string_view sentence);
std::string format_model_metadata(const ServedModel& model);
std::string format_server_metadata(std::string_view version);

}  // namespace einet::serve
