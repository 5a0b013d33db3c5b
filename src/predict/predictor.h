#pragma once

#include <memory>
#include <span>

#include "einet/plan.h"
#include "graph/graph.h"

namespace einet::predict {

/// CS-Predictor (paper IV-C): from the confidences seen so far to a score for every exit.
///
/// Owns a workspace, so a predictor may be used by one thread at a time; clone() shares the weights.
class Predictor {
 public:
  virtual ~Predictor() = default;
  virtual int exits() const noexcept = 0;

  /// `confidence[k]` is that of exit k, for every k <= exit in `executed`; other entries are ignored. Exits after
  /// `exit` have not run. Writes exits() scores: observed confidences for executed exits (mask, eq. 1), predictions
  /// clamped to [0,1] for later ones; those of skipped exits are unspecified but finite. No allocation, no lock.
  virtual void predict(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
                       std::span<double> scores) noexcept = 0;

  virtual std::unique_ptr<Predictor> clone() const = 0;
};

/// The predictor's input row (docs/definitions.md): the confidence of executed exits, the confidence of the nearest
/// executed exit before for skipped ones (0 before the first), and 0 after `exit`. `out` has one element per exit.
void encode_seen(std::span<const float> confidence, const plan::ExitPlan& executed, int exit,
                 std::span<float> out) noexcept;

/// A predictor from any ONNX graph [N,n] -> [N,n] (the paper's MLP or a custom one), run by the block executor.
/// Throws kInvalidData for other shapes.
std::unique_ptr<Predictor> onnx_predictor(const graph::Graph& graph);

/// n of a predictor graph [N,n] -> [N,n], without compiling it. Throws kInvalidData (naming the graph) for other
/// shapes.
int predictor_exits(const graph::Graph& graph);

}  // namespace einet::predict
