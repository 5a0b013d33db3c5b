#include <algorithm>
#include <array>
#include <tuple>

#include "core/nearest_name.h"
#include "einet/error.h"
#include "graph/cost.h"
#include "graph/faults.h"
#include "graph/head.h"
#include "graph/insertion.h"
#include "graph/insertion/channels.h"
#include "graph/insertion/meeting_points.h"
#include "graph/partition.h"

namespace einet::graph {
namespace {

bool is_convolution(const Node& node) { return node.op == "Conv" || node.op == "ConvTranspose"; }
bool is_product(const Node& node) { return node.op == "MatMul" || node.op == "Gemm"; }

/// Whether a value has more positions than one: [N,C,H,W], [N,H,W,C], [N,L,C] but not [N,C,1,1] or [N,1,C].
bool has_positions(const Shape& shape, std::size_t channels) {
  for (std::size_t d = 1; d < shape.size(); ++d) {
    if (d != channels && shape[d] > 1) return true;
  }
  return false;
}

/// Whether all outputs are scores of the same number of classes, as those of several exits are.
bool all_classify(const Graph& graph, const Shapes& shapes) {
  std::int64_t classes = 0;
  for (const std::string& output : graph.outputs) {
    const std::int64_t here = class_count(shapes.at(output), find_head(graph, output).head);
    if (here == 0 || (classes > 0 && here != classes)) return false;
    classes = here;
  }
  return true;
}

/// Class scores come from a layer of weights, a softmax or a sigmoid. Networks with another last operator often compute
/// something else: embeddings end in a normalisation, coordinates in a Tanh.
void check_last_operator(const Graph& graph, const std::string& output) {
  if (graph.head) return;
  std::string suspect = find_head(graph, output).undecided_at;
  const auto produced_by = producers(graph);
  if (const auto last = produced_by.find(before_passing(graph, output)); last != produced_by.end()) {
    const Node& node = graph.nodes[static_cast<std::size_t>(last->second)];
    if (node.op.ends_with("Normalization")) suspect = describe(node);
  }
  if (suspect.empty()) return;
  throw Error(ErrorKind::kUsage, "output '" + output + "'",
              "comes from " + suspect +
                  ", like embeddings or coordinates, but exits need a classifier; if it is one, give the kind of its "
                  "outputs with --head (logits, softmax, log-softmax or sigmoid)");
}

void check_classifier(const Graph& graph, const Shapes& shapes) {
  const std::string network = "network '" + graph.name + "'";
  if (graph.outputs.size() != 1 && !all_classify(graph, shapes)) {
    std::string outputs;
    for (const std::string& output : graph.outputs) {
      outputs += (outputs.empty() ? "'" : ", '") + output + "' " + to_string(shapes.at(output));
    }
    invalid(network, "has " + std::to_string(graph.outputs.size()) + " outputs, " + outputs +
                         ": it is not a classifier, which gives [N,classes]");
  }
  const std::string output = last_exit(graph);
  exit_classes(graph, output, shapes.at(output));
  check_last_operator(graph, output);
  const bool any = std::ranges::any_of(graph.nodes, [&](const Node& node) {
    return is_convolution(node) || (is_product(node) && shapes.at(node.outputs.front()).size() > 2);
  });
  if (!any) {
    invalid(network,
            "has no convolution and no layer that mixes tokens, so there is no conv part to insert an exit after");
  }
}

/// Where a branch can read: [N,C,H,W], [N,H,W,C], [N,L,C] or [N,C,L].
bool is_map(const Shape& shape) { return shape.size() == 3 || shape.size() == 4; }

/// Whether the classifier has no more maps after this node; conv parts do not extend beyond it.
bool ends_the_maps(const Node& node, const Shapes& shapes, std::size_t channels) {
  constexpr std::array kPoolAll = {"GlobalAveragePool", "GlobalMaxPool", "ReduceMean"};
  const Shape& shape = shapes.at(node.outputs.front());
  return !is_map(shape) || std::ranges::find(kPoolAll, node.op) != kPoolAll.end() ||
         (shape.size() == 3 && !has_positions(shape, channels));
}

/// Properties of the nodes between two meeting points.
struct Segment {
  bool convolves = false;  ///< Over more than one position, unlike a gate's convolution of a pooled map.
  bool attends = false;    ///< Multiplies two computed values.
  bool multiplies = false, transposes = false;

  void add(const Graph& graph, const Node& node, const Shapes& shapes) {
    convolves = convolves || (is_convolution(node) && has_positions(shapes.at(node.inputs[0]), 1));
    if (is_product(node) && shapes.at(node.outputs[0]).size() > 2) {
      const bool computed = graph.constant(node.inputs[0]) == nullptr && graph.constant(node.inputs[1]) == nullptr;
      (computed ? attends : multiplies) = true;
    }
    transposes = transposes || node.op == "Transpose";
  }
  /// Whether it combines positions, as products between transpositions do in an MLP-Mixer.
  bool mixes() const { return convolves || attends || (multiplies && transposes); }
};

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

std::string last_exit(const Graph& graph) {
  return graph.outputs.size() == 1 ? graph.outputs.front() : partition(graph).back().output;
}

Place input_place(const Graph& graph) {
  const Shapes shapes = infer_shapes(graph, 1);
  check_classifier(graph, shapes);
  const std::string& input = graph.inputs.front().name;
  const Shape& shape = shapes.at(input);
  const std::size_t channels = is_map(shape) ? channel_dimensions(graph, shapes).at(input) : 0;
  if (shape.size() != 4 || channels != 1) {
    throw Error(ErrorKind::kUsage, "input '" + input + "'",
                "has the shape " + to_string(shape) + "; exits at the input read images [N,C,H,W]");
  }
  const std::int64_t total = total_macs(graph, shapes, on_the_way(graph, last_exit(graph)));
  return {"input", input, without_batch(shape), 0, total, 0};
}

std::vector<Place> find_places(const Graph& graph) {
  const Shapes shapes = infer_shapes(graph, 1);
  check_classifier(graph, shapes);
  const std::string last = last_exit(graph);
  const std::vector<char> counts = on_the_way(graph, last);
  const std::int64_t total = total_macs(graph, shapes, counts);

  const auto channels = channel_dimensions(graph, shapes);
  std::vector<Place> places;
  std::int64_t before = 0;
  int next = 0;
  bool open = false;  // Whether following nodes that do not mix positions belong to the last place.
  for (const int point : meeting_points(graph, last)) {
    Segment segment;
    for (; next <= point; ++next) {
      if (counts[next] == 0) continue;
      before += macs(graph.nodes[next], shapes);
      segment.add(graph, graph.nodes[next], shapes);
    }
    const Node& node = graph.nodes[point];
    const std::string& value = node.outputs.front();
    if (ends_the_maps(node, shapes, is_map(shapes.at(value)) ? channels.at(value) : 0)) {
      open = false;
      continue;
    }
    if (segment.mixes()) places.emplace_back();
    open = open || segment.mixes();
    if (!open) continue;
    places.back() = {node.name, value, without_batch(shapes.at(value)), before, total - before, channels.at(value) - 1};
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
                "the network has no node of this name; did you mean " + suggestions(graph, name) + "?");
  }
  const std::vector<char> counts = on_the_way(graph, last_exit(graph));
  const std::string& value = named->outputs.front();
  if (counts[named - graph.nodes.begin()] == 0) {
    throw Error(ErrorKind::kUsage, describe(*named), "the network's output does not depend on it");
  }
  if (!is_map(shapes.at(value))) {
    throw Error(ErrorKind::kUsage, describe(*named),
                "gives " + to_string(shapes.at(value)) + "; a branch reads maps [N,C,H,W] or tokens [N,L,C]");
  }
  const std::int64_t macs_before = total_macs(graph, shapes, on_the_way(graph, value));
  return {named->name,
          value,
          without_batch(shapes.at(value)),
          macs_before,
          total_macs(graph, shapes, counts) - macs_before,
          channel_dimensions(graph, shapes).at(value) - 1};
}

}  // namespace einet::graph
