#pragma once

#include <span>
#include <vector>

#include "bundle/bundle.h"
#include "graph/graph.h"

namespace einet::testing {

/// A convolution, a normalisation and a linear exit, repeated `exits` times, on [1,8,8] images; ten classes.
graph::Graph small_network(int exits);

/// A linear map [N,n] -> [N,n]: observed confidences raise the score of every exit.
graph::Graph small_predictor(int exits);

/// Noise determined by the sample: [1,8,8] in [0,1].
void small_image(int sample, std::span<float> pixels);

/// small_network() with all parts of a bundle, in memory. Nine out of ten labels are the prediction of the last exit,
/// so accuracy rises with depth. `shrinkage` is that of all fits.
bundle::Bundle small_bundle(int exits, int samples, double shrinkage);

}  // namespace einet::testing
