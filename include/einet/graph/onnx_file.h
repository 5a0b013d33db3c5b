#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "einet/graph/graph.h"

namespace einet::graph {

/// How float weights are stored in a file. kFloat16 halves the file: each weight becomes a float16
/// initializer and a Cast node, which loading folds away again.
enum class WeightStorage { kFloat32, kFloat16 };

/// Reads an ONNX model: standard operators, weights inside the file. Casts and
/// Constant nodes are folded into initializers; Dropout stays (the trainer obeys it, executors pass through). Checked
/// before anything large is allocated: sizes, names, acyclicity. Throws kNotFound, kInvalidData (truncated, no ONNX,
/// cycle, missing or oversized weights, NaN weights, wrong ranks) or kUnsupported (every unsupported operator listed
/// with its node); the message names the file.
Graph load_onnx(const std::filesystem::path& path);
Graph parse_onnx(std::string_view bytes, std::string_view name);

/// Writes opset 13, IR version 8, batch dimension "N"; beside and renamed.
void save_onnx(const Graph& graph, const std::filesystem::path& path, WeightStorage storage = WeightStorage::kFloat32);
std::string format_onnx(const Graph& graph, WeightStorage storage = WeightStorage::kFloat32);

}  // namespace einet::graph
