#include "bundle/bundle.h"

#include "einet/error.h"
#include "predict/predictor.h"

namespace einet::bundle {
namespace {

std::string named(const Bundle& bundle) { return bundle.name.empty() ? "bundle" : bundle.name; }

}  // namespace

void Bundle::require_weights() const {
  if (weights != graph::WeightStorage::kNone) return;
  throw Error(ErrorKind::kNotFound, named(*this),
              "contains profiles but no weights: it can be planned for and evaluated, but cannot give answers");
}

const profile::CsProfile& Bundle::measured_confidences() const {
  if (confidences) return *confidences;
  throw Error(ErrorKind::kNotFound, named(*this), "has no CS-profile; run einet profile with --data");
}

predict::BeliefParameters Bundle::beliefs() const {
  if (fit) return fit->beliefs;
  predict::BeliefParameters means;
  means.prior = measured_confidences().accuracies();
  means.seen.resize(means.prior.size());
  means.predicted.resize(means.prior.size());
  return means;
}

std::unique_ptr<predict::Predictor> Bundle::predictor() const {
  return fit && fit->beliefs.shrinkage > 0.0 ? predict::onnx_predictor(fit->predictor) : nullptr;
}

std::string label_name(const std::vector<std::string>& labels, int label) {
  const bool named = label >= 0 && label < static_cast<int>(labels.size());
  return named ? labels[static_cast<std::size_t>(label)] : std::to_string(label);
}

graph::Graph with_rounded_weights(const graph::Graph& graph, graph::WeightStorage storage) {
  if (storage == graph::WeightStorage::kNone) return graph;
  return graph::parse_onnx(graph::format_onnx(graph, storage), graph.name);
}

}  // namespace einet::bundle
