#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace einet::graph {

/// Spatial parameters of a convolution or pooling window (square).
struct Window {
  int kernel = 3;
  int stride = 1;
  int padding = 1;
  bool ceil_mode = false;  ///< Pooling only.
};

/// Builds a graph layer by layer; every method appends nodes and returns the name of the new value.
///
/// A layer's `name` is that of its node and of its value; its weights are "NAME.weight" and "NAME.bias" (normalisations
/// also "NAME.mean" and "NAME.var"). Throws kInvalidData if a layer does not match its input or a name is in use.
///
/// Input channels follow from the values built so far. Weights are drawn from a single seeded generator in the order of
/// the calls, so that a seed determines the network: convolutions N(0, sqrt(2/(k*k*out))), linear layers uniform
/// +-1/sqrt(in), normalisations 1 and 0. Without a seed these weights are 0, which is faster; use it when only counting
/// MACs.
class Builder {
 public:
  Builder(std::string name, int channels, int height, int width, std::optional<std::uint64_t> seed);

  /// Continues building `graph`, all of whose values can be read. Its outputs are dropped; keep_output() restores one.
  Builder(Graph graph, std::optional<std::uint64_t> seed);

  const std::string& input() const;
  std::string conv(const std::string& x, int out_channels, Window window, std::string_view name, bool bias = false);
  std::string batch_norm(const std::string& x, std::string_view name);
  std::string relu(const std::string& x, std::string_view name);
  /// conv -> BN -> ReLU without bias: "NAME.conv", "NAME.bn", "NAME.relu".
  std::string conv_bn_relu(const std::string& x, int out_channels, Window window, std::string_view name);
  std::string max_pool(const std::string& x, Window window, std::string_view name);
  std::string average_pool(const std::string& x, Window window, std::string_view name);
  std::string global_average_pool(const std::string& x, std::string_view name);
  /// Mean over dimensions `axes` (the batch is 0), which are removed.
  std::string mean(const std::string& x, std::vector<std::int64_t> axes, std::string_view name);
  /// Over the last dimension.
  std::string layer_norm(const std::string& x, std::string_view name);
  std::string lrn(const std::string& x, int size, float alpha, float beta, std::string_view name);
  std::string concat(const std::vector<std::string>& xs, std::string_view name);  ///< Along channels.
  std::string add(const std::string& a, const std::string& b, std::string_view name);
  std::string flatten(const std::string& x, std::string_view name);
  /// Gemm with transB: weight [out_features, in_features]. `x` must be flat.
  std::string linear(const std::string& x, int out_features, std::string_view name);
  /// A Dropout node, which has an effect only in training.
  std::string dropout(const std::string& x, float ratio, std::string_view name);

  /// Declares `x` (logits [N,classes]) as the next exit. The output is named "exit1", "exit2", …
  void exit(const std::string& x);

  /// Declares `x` as the next exit under its own name.
  void keep_output(const std::string& x);

  /// [C,H,W] or [F] of a value built so far.
  Shape shape(const std::string& x) const;

  /// The validated result; the builder must not be used afterwards.
  Graph build() &&;

 private:
  std::string append(Node node);
  std::string weight(std::string name, Tensor tensor);
  template <class Distribution>
  Tensor drawn(Shape shape, Distribution distribution);

  Graph graph_;
  std::unordered_map<std::string, Shape> shapes_;            ///< Without the batch dimension.
  std::unordered_map<std::string, std::string> exit_names_;  ///< Value -> "exit1", the name that build() gives it.
  std::optional<std::mt19937_64> random_;
};

}  // namespace einet::graph
