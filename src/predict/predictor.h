#pragma once

#include <memory>
#include <span>

#include "einet/plan.h"
#include "graph/graph.h"

namespace einet::predict {

/// CS-Predictor (paper IV-C): from the confidences seen so far to a score for every exit.
///
/// Owns a workspace: one predictor serves one thread; clone() shares the weights.
class Predictor {
 public:
  virtual ~Predictor() = default;
  virtual int exits() const noexcept = 0;

  /// `confidence[k]` is that of exit k, for every k <= exit in `executed`; other entries are ignored. Exits after
  /// `exit` have not run. Writes exits() scores: executed ones as seen (mask, eq. 1), later ones predicted, clamped to
  /// [0,1]; skipped ones are unspecified but finite. No allocation, no lock.
  virtual void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
                       std::span<double> scores) noexcept = 0;

  virtual std::unique_ptr<Predictor> clone() const = 0;
};

/// The predictor's input row (docs/definitions.md): executed exits hold their confidence, skipped ones the nearest
/// previous executed score (0 before the first), those after `exit` 0. `out` has one element per exit.
void encode_seen(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
                 std::span<float> out) noexcept;

/// A predictor from any ONNX graph [N,n] -> [N,n] (the paper's MLP, or the user's own), run by the block executor.
/// Throws kInvalidData for other shapes.
std::unique_ptr<Predictor> onnx_predictor(const graph::Graph& graph);

/// n of a predictor graph [N,n] -> [N,n], without compiling it. Throws kInvalidData (naming the graph) for other
/// shapes.
int predictor_exits(const graph::Graph& graph);

}  // namespace einet::predict
