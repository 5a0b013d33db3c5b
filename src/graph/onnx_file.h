#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "graph/pass_note.h"

namespace einet::graph {

/// How float weights are stored in a file. kFloat16 halves the file: each weight becomes a float16
/// initializer and a Cast node, which loading folds away again. kNone keeps the structure alone: each weight becomes
/// zeros of its shape (a ConstantOfShape node).
enum class WeightStorage { kFloat32, kFloat16, kNone };

/// "float32", "float16", "none".
std::vector<std::string> weight_storage_names();
std::string_view to_string(WeightStorage storage);
/// Empty for any other name.
std::optional<WeightStorage> parse_weight_storage(std::string_view name);

struct LoadOptions {
  /// Replaces the shape that the file declares for its input: [channels, height, width], which leaves the batch as it
  /// is declared, or with the batch in front. Needed where a dimension other than the batch is open. Empty = as
  /// declared.
  Shape input_shape = {};
  /// Makes an image input channels-first, for data that has images [C,H,W]: an input [N,H,W,C] (TensorFlow's order),
  /// known by its last dimension of 1, 3 or 4 channels, becomes [N,C,H,W] with a Transpose behind it, unless the
  /// network begins with the opposite one. Without it, the file's own layout is kept.
  bool channels_first = false;
  /// Where to note what was folded and rewritten, if anywhere.
  PassNotes* notes = nullptr;
};

/// Reads an ONNX model of standard operators, opset 7 to 25; weights inside the file or, for load_onnx(), in files of
/// its folder. What can be computed at load is (Constant, Cast, chains from Shape to Reshape, …), older and newer forms
/// become those of opset 13, nodes that no output needs are dropped; Dropout stays (the trainer obeys it, executors
/// pass through). Checked before anything large is allocated: sizes, names, acyclicity. Throws kNotFound, kInvalidData
/// (truncated, no ONNX, cycle, missing or oversized weights, NaN weights, wrong ranks) or kUnsupported (every
/// unsupported operator listed with its nodes and what to do); the message names the file.
Graph load_onnx(const std::filesystem::path& path, const LoadOptions& options = {});
Graph parse_onnx(std::string_view bytes, std::string_view name, const LoadOptions& options = {});

/// Writes opset 13 (or the first one that has all operators of the graph, such as 17 for LayerNormalization), batch
/// dimension "N"; beside and renamed.
void save_onnx(const Graph& graph, const std::filesystem::path& path, WeightStorage storage = WeightStorage::kFloat32);
std::string format_onnx(const Graph& graph, WeightStorage storage = WeightStorage::kFloat32);

}  // namespace einet::graph
