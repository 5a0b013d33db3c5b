#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graph/branch.h"
#include "graph/graph.h"

namespace einet::graph {

/// A value of a network from which a branch can read.
struct Place {
  std::string node;              ///< The node that produces it; "input" for the network's input.
  std::string value;             ///< A map [N,C,H,W] or [N,H,W,C], or tokens [N,L,C] or [N,C,L].
  Shape shape;                   ///< Without the batch.
  std::int64_t macs_before = 0;  ///< Multiply-accumulates of all nodes that the value depends on.
  std::int64_t macs_after = 0;   ///< Of the rest of the network.
  std::size_t channels = 0;      ///< The dimension of `shape` with the channels.
};

/// The output of the deepest exit, whose path through the network is the trunk.
std::string last_exit(const Graph& graph);

/// The network's input. Throws kUsage if it is not an image [N,C,H,W], and the errors of find_places().
Place input_place(const Graph& graph);

/// The ends of the conv parts of a classifier's trunk, in order of depth. A conv part is a convolution and the
/// operators after it (normalisation, activation, pooling), up to a point where all paths of the network meet: a
/// residual unit, a dense layer, an inception or a squeeze-and-excite module is the smallest part. Operators that mix
/// tokens (attention, a product over positions) also begin a part; layers that process each token separately, such as
/// the second half of a transformer block, belong to the part before them. All this is recognised from the graph alone.
/// Empty if the paths never meet. Throws kInvalidData for a network without such a layer or that is not a classifier,
/// and kUsage if its last operator suggests that it is not a classifier and Graph::head is not given.
std::vector<Place> find_places(const Graph& graph);

/// The place immediately after the node (or value) of this name. Throws kNotFound, suggesting the nearest names, and
/// kUsage if no branch can read there: its value is neither map nor tokens, or the output does not depend on it.
Place place_after(const Graph& graph, const std::string& node);

/// The properties of a place that spread() uses.
struct Position {
  double share = 0;  ///< Share of the network before it, in [0,1]: of its time or of its multiply-accumulates.
  double cost = 0;   ///< Of an exit there.
};

/// `count` of `places` (in order of depth) that divide the network most evenly, as indices: the k-th is near
/// k/(count+1), with the least sum of squared distances. Each is then moved to the cheapest place between its
/// neighbours whose distance is larger by at most a tenth of 1/(count+1). Throws kUsage if there are fewer places.
std::vector<int> spread(const std::vector<Position>& places, int count);

struct InsertionOptions {
  int exits = 0;                        ///< In total, including the network's own; 0 = at every place.
  std::vector<std::string> after = {};  ///< Exits after these nodes instead.
  /// Number of exits at the input, 0 to 4: small convolutional networks with at most 1 % (1 exit), 0.3 and 1 % (2), or
  /// 0.3, 1 and 4 % (3) of the trunk's multiply-accumulates; for 4, also a linear layer on averaged pixels. Duplicates,
  /// and sizes too small for any branch, are omitted. Empty: 0, or 3 with `candidates` if the input is an image.
  std::optional<int> input_exits = {};
  /// Branches per place, each costing at most a quarter of the next: candidates from which exits are chosen after
  /// training and timing. 0 = one each, all of them to be used.
  int candidates = 0;
  int convolutions = 1;     ///< Of a branch on [N,C,H,W]; on other values 0.
  int fully_connected = 2;  ///< Of a branch.
  int channels = 128;       ///< Of a branch's convolutions, at most.
  int hidden = 256;         ///< Units of a branch's inner fully connected layers, at most.
  /// A branch costs at most this share of the trunk's multiply-accumulates and has at most four times this share of its
  /// parameters: channels and hidden units are halved until it does, then convolutions are replaced by the mean.
  /// 0: 0.05; without `candidates`, all branches together then cost at most a quarter of the multiply-accumulates.
  double max_branch_share = 0;
  /// The share of the network's time before a place, in [0,1], for spreading exits by measured times; empty = its share
  /// of the multiply-accumulates.
  std::function<double(const Place&)> share_before = {};
};

/// Number of classes of the network's last exit, and therefore of the branches. Throws kInvalidData if the network is
/// not a classifier.
int classes_of(const Graph& graph);

/// An exit to insert.
struct NewExit {
  Place place;
  BranchShape branch;
  std::int64_t branch_macs = 0;
  std::int64_t branch_parameters = 0;
  double share_before = 0;  ///< InsertionOptions::share_before
};

/// Chooses places and sizes of branches, sorted by depth and cost. A place is useless for an exit if no branch within
/// the share exists or the rest of the network costs no more than the branch; it is then skipped, or rejected if the
/// user named it. A network with several exits gets those at the input, after named nodes or `candidates` in addition
/// to its own. Throws the errors of find_places(), place_after(), input_place() and spread(); kUsage if no place is
/// left, or if the branches together would cost more than the network, unless they are candidates; kInvalidData if
/// exits at every place are requested for a network with several exits.
std::vector<NewExit> plan_exits(const Graph& graph, const InsertionOptions& options);

/// The numbers of `exits` among all exits of the network after insertion, from 1.
std::vector<int> exit_numbers(const Graph& graph, const std::vector<NewExit>& exits);

/// The network with branches with new weights at `exits` (Graph::untrained), all exits in order of depth. The new ones
/// are "exitK", where K counts all exits from 1. Existing exits are unchanged, except that those named "exitJ" are
/// renumbered by their new position, together with their nodes and weights named "exitJ.…". Throws kUsage if there are
/// more than two exits and partition() would order them differently.
Graph insert_exits(Graph graph, const std::vector<NewExit>& exits, std::uint64_t seed);

/// The network for other classes: at each exit, the layer with weights that computes the classes is replaced by a
/// linear layer with new weights (Graph::untrained), preceded by the mean over positions if there are several; the
/// nodes after it are removed, so that the outputs are logits. Throws kUnsupported if an exit does not end in a single
/// such layer.
Graph with_new_classes(Graph graph, int classes, std::uint64_t seed);

}  // namespace einet::graph
