#include "runtime/small_bundle.h"

#include <random>
#include <string>

#include "exec/program.h"
#include "fit/beliefs.h"
#include "graph/builder.h"
#include "measure/confidences.h"
#include "predict/predictor.h"
#include "profile/cs_profile.h"
#include "profile/et_profile.h"

namespace einet::testing {

graph::Graph small_network(int exits) {
  graph::Builder builder("small", 1, 8, 8, 7);
  std::string x = builder.input();
  for (int exit = 0; exit < exits; ++exit) {
    const std::string number = std::to_string(exit + 1);
    x = builder.conv_bn_relu(x, 8, {}, "block" + number);
    const std::string pooled = builder.average_pool(x, {.kernel = 2, .stride = 2, .padding = 0}, "pool" + number);
    builder.exit(builder.linear(builder.flatten(pooled, "flat" + number), 10, "fc" + number));
  }
  return std::move(builder).build();
}

graph::Graph small_predictor(int exits) {
  graph::Graph graph;
  graph.name = "small-predictor";
  graph.inputs = {{"seen", {-1, exits}}};
  graph.outputs = {"scores"};
  graph.initializers["weight"] = graph::Tensor({exits, exits}, std::vector<float>(exits * exits, 0.5f / exits));
  graph.initializers["bias"] = graph::Tensor({exits}, std::vector<float>(exits, 0.3f));
  graph.nodes = {graph::Node{"Gemm", "linear", {"seen", "weight", "bias"}, {"scores"}, {}}};
  return graph;
}

void small_image(int sample, std::span<float> pixels) {
  std::mt19937 random(sample);
  std::uniform_real_distribution<float> noise(0.0f, 1.0f);
  const float bright = noise(random);
  for (float& pixel : pixels) pixel = bright * noise(random);
}

bundle::Bundle small_bundle(int exits, int samples, double shrinkage) {
  bundle::Bundle bundle;
  bundle.name = "small";
  bundle.graph = small_network(exits);
  bundle.normalization = {.mean = {0.25f}, .stddev = {0.3f}};
  for (int label = 0; label < 10; ++label) bundle.labels.push_back("class " + std::to_string(label));

  const std::vector<std::int32_t> unknown(samples, 0);
  profile::CsProfile profile = measure::measure_confidences(
      bundle.graph, unknown,
      [&](int sample, std::span<float> input) {
        small_image(sample, input);
        for (float& value : input) value = (value - 0.25f) / 0.3f;
      },
      Progress::none(), exec::Precision::kFloat32, true);
  for (int sample = 0; sample < samples; ++sample) {
    const std::int32_t* const predicted = profile.predicted.data() + static_cast<std::size_t>(sample) * exits;
    const int kind = sample * 7 % 10;
    profile.labels[sample] = kind < 6 ? predicted[exits - 1] : kind < 9 ? predicted[0] : (predicted[0] + 1) % 10;
  }
  bundle.confidences = profile;

  const auto fit = [&](const profile::CsProfile& fitted) {
    const graph::Graph predictor = small_predictor(exits);
    return bundle::Fit{predictor, fit::fit_beliefs(fitted, *predict::onnx_predictor(predictor),
                                                   {.target = "confidence", .shrinkage = shrinkage})};
  };
  bundle.fit = fit(profile);
  for (int k = 0; k < 2; ++k) bundle.folds[k] = fit(profile.rows(profile::held_out_half(samples, k)));

  profile::EtProfile timing;
  timing.platform = exec::this_platform();
  timing.samples = 1;
  timing.conv.assign(exits, {.mean = 20e-6, .p10 = 20e-6, .p50 = 20e-6, .p90 = 20e-6, .p99 = 20e-6});
  timing.branch.assign(exits, {.mean = 5e-6, .p10 = 5e-6, .p50 = 5e-6, .p90 = 5e-6, .p99 = 5e-6});
  bundle.timing[timing.platform.name] = timing;
  return bundle;
}

}  // namespace einet::testing
