#include <algorithm>
#include <array>
#include <limits>
#include <tuple>

#include "einet/core/error.h"
#include "einet/graph/cost.h"
#include "einet/graph/head.h"
#include "einet/graph/insertion.h"
#include "faults.h"
#include "insertion/meeting_points.h"

namespace einet::graph {
namespace {

void check_classifier(const Graph& graph, const Shapes& shapes) {
  if (graph.outputs.size() != 1) {
    invalid("network '" + graph.name + "'",
            "has " + std::to_string(graph.outputs.size()) + " exits already; exits go into networks with one");
  }
  exit_classes(graph, graph.outputs.front(), shapes.at(graph.outputs.front()));
  if (std::ranges::none_of(graph.nodes, [](const Node& node) { return node.op == "Conv"; })) {
    invalid("network '" + graph.name + "'", "has no convolution, so there is no conv part to put an exit after");
  }
}

/// Whether a conv part goes on through this node. From here on a classifier has maps no more.
bool ends_the_maps(const Node& node, const Shapes& shapes) {
  constexpr std::array kPoolAll = {"GlobalAveragePool", "GlobalMaxPool", "ReduceMean"};
  return shapes.at(node.outputs.front()).size() != 4 || std::ranges::find(kPoolAll, node.op) != kPoolAll.end();
}

Shape without_batch(const Shape& shape) { return {shape.begin() + 1, shape.end()}; }

/// Multiply-accumulates of the nodes chosen by `counts`.
std::int64_t total_macs(const Graph& graph, const Shapes& shapes, const std::vector<char>& counts) {
  std::int64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] != 0) total += macs(graph.nodes[i], shapes);
  }
  return total;
}

/// "'a', 'b' or 'c'": the names nearest to `name`, first those that contain it.
std::string suggestions(const Graph& graph, const std::string& name) {
  std::vector<std::tuple<bool, int, std::string>> nearest;
  for (const Node& node : graph.nodes) {
    nearest.emplace_back(node.name.find(name) == std::string::npos, edit_distance(name, node.name), node.name);
  }
  const std::size_t count = std::min<std::size_t>(3, nearest.size());
  std::partial_sort(nearest.begin(), nearest.begin() + static_cast<std::ptrdiff_t>(count), nearest.end());
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    text += (i == 0 ? "" : i + 1 == count ? " or " : ", ") + ("'" + std::get<2>(nearest[i]) + "'");
  }
  return text;
}

}  // namespace

std::vector<Place> find_places(const Graph& graph) {
  const Shapes shapes = infer_shapes(graph, 1);
  check_classifier(graph, shapes);
  const std::vector<char> counts = on_the_way(graph);
  const std::int64_t total = total_macs(graph, shapes, counts);

  std::vector<Place> places;
  std::int64_t before = 0;
  int next = 0;
  bool open = false;  // Whether what follows without a convolution belongs to the last place.
  for (const int point : meeting_points(graph)) {
    bool convolves = false;
    for (; next <= point; ++next) {
      if (counts[next] == 0) continue;
      before += macs(graph.nodes[next], shapes);
      convolves = convolves || graph.nodes[next].op == "Conv";
    }
    const Node& node = graph.nodes[point];
    if (ends_the_maps(node, shapes)) {
      open = false;
      continue;
    }
    if (convolves) places.emplace_back();
    open = open || convolves;
    if (!open) continue;
    const std::string& value = node.outputs.front();
    places.back() = {node.name, value, without_batch(shapes.at(value)), before, total - before};
  }
  return places;
}

Place place_after(const Graph& graph, const std::string& name) {
  const Shapes shapes = infer_shapes(graph, 1);
  check_classifier(graph, shapes);
  const auto named = std::ranges::find_if(
      graph.nodes, [&](const Node& node) { return node.name == name || node.outputs.front() == name; });
  if (named == graph.nodes.end()) {
    throw Error(ErrorKind::kNotFound, "node '" + name + "'",
                "the network has none of this name; did you mean " + suggestions(graph, name) + "?");
  }
  const std::vector<char> counts = on_the_way(graph);
  const std::string& value = named->outputs.front();
  if (counts[named - graph.nodes.begin()] == 0) {
    throw Error(ErrorKind::kUsage, describe(*named), "the output does not depend on it");
  }
  if (shapes.at(value).size() != 4) {
    throw Error(ErrorKind::kUsage, describe(*named),
                "gives " + to_string(shapes.at(value)) + "; a branch begins with a convolution and needs [N,C,H,W]");
  }
  Graph before = graph;
  before.outputs = {value};
  const std::int64_t macs_before = total_macs(graph, shapes, on_the_way(before));
  return {named->name, value, without_batch(shapes.at(value)), macs_before,
          total_macs(graph, shapes, counts) - macs_before};
}

// Shortest path over (places, exits chosen): cost[i][k] is the least sum where place i is the k-th chosen.
std::vector<Place> spread(const std::vector<Place>& places, int count) {
  const int size = static_cast<int>(places.size());
  if (count > size) {
    throw Error(ErrorKind::kUsage, std::to_string(count + 1) + " exits",
                "the network has places for " + std::to_string(size + 1) + " at most, its own included");
  }
  const auto distance = [&](int place, int k) {
    const double total = static_cast<double>(places[place].macs_before + places[place].macs_after);
    const double miss = static_cast<double>(places[place].macs_before) - total * (k + 1) / (count + 1);
    return miss / total * (miss / total);
  };
  constexpr double kNever = std::numeric_limits<double>::infinity();
  std::vector<std::vector<double>> cost(count, std::vector<double>(size, kNever));
  std::vector<std::vector<int>> previous(count, std::vector<int>(size, -1));
  for (int k = 0; k < count; ++k) {
    for (int i = k; i < size; ++i) {
      if (k == 0) cost[k][i] = distance(i, k);
      for (int j = k - 1; k > 0 && j < i; ++j) {
        const double whole = cost[k - 1][j] + distance(i, k);
        if (whole >= cost[k][i]) continue;
        cost[k][i] = whole;
        previous[k][i] = j;
      }
    }
  }
  std::vector<Place> chosen(count);
  int at = count == 0 ? -1 : static_cast<int>(std::ranges::min_element(cost.back()) - cost.back().begin());
  for (int k = count; k-- > 0; at = previous[k][at]) chosen[k] = places[at];
  return chosen;
}

}  // namespace einet::graph
