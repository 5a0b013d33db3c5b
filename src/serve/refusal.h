#pragma once

#include <stdexcept>
#include <string>

namespace einet::serve {

/// Why a request gets no answer.
enum class Refusal {
  kInvalid,    ///< The request is malformed.
  kNotFound,   ///< No such model, version or path.
  kTooShort,   ///< The timeout, or what the queue left of it, ends before the planned first answer.
  kNoAnswer,   ///< The run was cut off before its first answer.
  kQueueFull,  ///< As many requests as allowed are waiting.
  kDraining,   ///< The server is shutting down.
  kCancelled,  ///< The client has cancelled the request or closed the connection.
  kFailed,     ///< The network could not be computed.
};

/// Thrown where a request is parsed or run; each protocol converts it to its own status. `what()` is one sentence for
/// the client.
class RequestError : public std::runtime_error {
 public:
  RequestError(Refusal refusal, const std::string& sentence) : std::runtime_error(sentence), refusal_(refusal) {}
  Refusal refusal() const noexcept { return refusal_; }

 private:
  Refusal refusal_;
};

}  // namespace einet::serve
