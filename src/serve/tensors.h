#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"

namespace einet::serve {

// What REST and gRPC requests have in common: the names, types and shapes of tensors and their checks. All checks throw
// RequestError kInvalid with one sentence.

inline constexpr std::string_view kInput = "image";                  ///< FP32 [1,C,H,W], pixels in [0,1].
inline constexpr std::string_view kLabel = "label";                  ///< INT64 [1].
inline constexpr std::string_view kProbabilities = "probabilities";  ///< FP32 [1, classes].
inline constexpr std::string_view kVersion = "1";                    ///< The only version of every model.

/// A request for one answer, as far as it does not depend on the protocol.
struct InferRequest {
  std::string id;
  std::vector<float> image;
  std::optional<std::chrono::microseconds> timeout;  ///< From the arrival of the request.
  bool label = true, probabilities = true;           ///< Which outputs the reply contains.
};

void require(bool holds, std::string_view sentence);

/// The version is empty or kVersion; throws kNotFound.
void check_version(std::string_view version);
/// The declaration of the only input of a model with this input shape.
void check_input(std::string_view name, std::string_view datatype, std::span<const std::int64_t> shape,
                 const graph::Shape& expected);
/// The little-endian FP32 values in `bytes`; `what` names them in the error if their number is not whole.
std::vector<float> pixels_of_bytes(std::string_view bytes, std::string_view what);
/// As many values as the shape has elements, all in [0,1].
void check_pixels(std::span<const float> pixels, const graph::Shape& expected);
/// Microseconds above 0, at most an hour.
std::chrono::microseconds checked_timeout(std::int64_t microseconds);
/// Adds a requested output to `request`, which starts with none.
void request_output(std::string_view name, InferRequest& request);

}  // namespace einet::serve
