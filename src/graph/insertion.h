#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/branch.h"
#include "graph/graph.h"

namespace einet::graph {

/// A value of an ordinary network from which a branch can read.
struct Place {
  std::string node;              ///< The node that gives it.
  std::string value;             ///< A map [N,C,H,W] or [N,H,W,C], or tokens [N,L,C] or [N,C,L].
  Shape shape;                   ///< Without the batch.
  std::int64_t macs_before = 0;  ///< Multiply-accumulates of everything that the value needs.
  std::int64_t macs_after = 0;   ///< Of the rest of the network.
  std::size_t channels = 0;      ///< Which dimension of `shape`.
};

/// The ends of the conv parts of a network with one output [N,classes], in order of depth. A conv part is a convolution
/// with what follows it (normalisation, activation, pooling), and goes on to where all paths of the network meet again:
/// a residual unit, a dense layer, an inception or a squeeze-and-excite module is the smallest part. What mixes tokens
/// (attention, a product over positions) begins a part as a convolution does; a layer that treats every token alike, as
/// the second half of a transformer's block, belongs to the part before. Recognised from the graph alone; empty where
/// the paths never meet. Throws kInvalidData for a network with several exits, without such a layer, or that is no
/// classifier, and kUsage where it may be none: its last operator suggests so and Graph::head is not given.
std::vector<Place> find_places(const Graph& graph);

/// The place right after the node (or value) of this name, wherever it is. Throws kNotFound, suggesting the nearest
/// names, and kUsage where no branch can read: its value is neither map nor tokens, or the output does not depend on
/// it.
Place place_after(const Graph& graph, const std::string& node);

/// `count` of `places` (in order of depth) that divide the network most evenly: the k-th lies near k/(count+1) of the
/// multiply-accumulates, with the least sum of squared distances. Throws kUsage when there are fewer.
std::vector<Place> spread(const std::vector<Place>& places, int count);

struct InsertionOptions {
  int exits = 0;                        ///< In all, the network's own included; 0 = at every place.
  std::vector<std::string> after = {};  ///< Exits after these nodes instead.
  int convolutions = 1;                 ///< Of a branch on [N,C,H,W]; on other values 0.
  int fully_connected = 2;              ///< Of a branch.
  int channels = 128;                   ///< Of a branch's convolutions, at most.
  int hidden = 256;                     ///< Units of a branch's inner fully connected layers, at most.
  /// A branch costs at most this share of the network's multiply-accumulates: channels and hidden units are halved
  /// until it does. 0: 0.05, and all branches together at most a quarter of the network.
  double max_branch_share = 0;
};

/// Classes of the branches: those of the network's own exit. Throws kInvalidData where it is no classifier's.
int classes_of(const Graph& graph);

/// An exit to be inserted.
struct NewExit {
  Place place;
  BranchShape branch;
  std::int64_t branch_macs = 0;
  std::int64_t branch_parameters = 0;
};

/// Chooses places and sizes of branches. A place that is no use as an exit, because no branch within the share fits
/// or what remains of the network costs no more than the branch, is left out, or refused where the user named it.
/// Throws as find_places(), place_after() and spread() do; kUsage where no place is left or the branches
/// together would cost more than the network.
std::vector<NewExit> plan_exits(const Graph& graph, const InsertionOptions& options);

/// The network with branches of fresh weights at `exits` (in order of depth): outputs "exit1", "exit2", … and last its
/// own, unchanged. An output that has one of these names itself becomes the last of them.
Graph insert_exits(Graph graph, const std::vector<NewExit>& exits, std::uint64_t seed);

}  // namespace einet::graph
