#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "graph/pass_note.h"

namespace einet::graph {

/// How float weights are stored in a file. kFloat16 halves the file: each weight becomes a float16 initializer and a
/// Cast node, which loading removes again. kNone stores only the structure: each weight becomes zeros of its shape (a
/// ConstantOfShape node).
enum class WeightStorage { kFloat32, kFloat16, kNone };

/// "float32", "float16", "none".
std::vector<std::string> weight_storage_names();
std::string_view to_string(WeightStorage storage);
/// Empty for any other name.
std::optional<WeightStorage> parse_weight_storage(std::string_view name);

struct LoadOptions {
  /// Replaces the declared shape of the input: [channels, height, width], which keeps the declared batch, or the same
  /// with the batch in front. Required if a dimension other than the batch is open. Empty = as declared.
  Shape input_shape = {};
  /// Makes an image input channels-first, for images [C,H,W]: an input [N,H,W,C] (TensorFlow's order), recognised by
  /// its last dimension of 1, 3 or 4 channels, becomes [N,C,H,W] followed by a Transpose, unless the network begins
  /// with the opposite one. If false, the file's own layout is kept.
  bool channels_first = false;
  /// If not null, receives notes on what was folded and rewritten.
  PassNotes* notes = nullptr;
};

/// Reads an ONNX model of standard operators, opset 7 to 25; weights are in the file or, for load_onnx(), in files in
/// its folder. Values that do not depend on the input are computed (Constant, Cast, chains from Shape to Reshape, …),
/// older and newer forms are converted to those of opset 13, and nodes that no output needs are dropped. Dropout is
/// kept; executors ignore it. Sizes, names and acyclicity are checked before anything large is allocated. Throws
/// kNotFound, kInvalidData (truncated, not ONNX, cycle, missing or oversized weights, NaN weights, wrong ranks) or
/// kUnsupported (listing all unsupported operators with their nodes and what to do); the message names the file.
Graph load_onnx(const std::filesystem::path& path, const LoadOptions& options = {});
Graph parse_onnx(std::string_view bytes, std::string_view name, const LoadOptions& options = {});

/// Writes the file atomically, with opset 13 (or the first one that has all operators of the graph, such as 17 for
/// LayerNormalization) and the batch dimension "N".
void save_onnx(const Graph& graph, const std::filesystem::path& path, WeightStorage storage = WeightStorage::kFloat32);
std::string format_onnx(const Graph& graph, WeightStorage storage = WeightStorage::kFloat32);

}  // namespace einet::graph
