#include "graph/selection.h"

#include "graph/operators/operator.h"

namespace einet::graph {
namespace {

// X and constants -> the elements of X selected along each dimension
Shape select(const Application& at) { return selected_shape(at.node, at.shape(0), constants(at.graph, at.node)); }

}  // namespace

const Operators& selection_operators() {
  static const Operators operators = {
      {"Slice", 3, 5, {}, select},
      {"Pad", 2, 3, {"mode"}, select},
      {"Gather", 2, 2, {"axis"}, select},
      {"Expand", 2, 2, {}, select},
      {"Tile", 2, 2, {}, select},
      {"Resize",
       1,
       4,
       {"antialias", "coordinate_transformation_mode", "cubic_coeff_a", "exclude_outside", "extrapolation_value",
        "mode", "nearest_mode"},
       select},
  };
  return operators;
}

}  // namespace einet::graph
