#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>

#include "bundle/bundle.h"
#include "graph/builder.h"
#include "io/file.h"

namespace einet::bundle {

/// Three classes, two exits, [1,6,6] images.
inline graph::Graph example_network() {
  graph::Builder builder("tiny", 1, 6, 6, 7);
  const std::string trunk = builder.conv_bn_relu(builder.input(), 4, {.kernel = 3, .stride = 1, .padding = 1}, "a");
  builder.exit(builder.linear(builder.flatten(builder.global_average_pool(trunk, "p1"), "f1"), 3, "l1"));
  const std::string deeper = builder.conv_bn_relu(trunk, 6, {.kernel = 3, .stride = 2, .padding = 1}, "b");
  builder.exit(builder.linear(builder.flatten(builder.global_average_pool(deeper, "p2"), "f2"), 3, "l2"));
  return std::move(builder).build();
}

/// A linear predictor [N,exits] -> [N,exits].
inline graph::Graph example_predictor(int exits, float weight) {
  graph::Graph graph;
  graph.name = "predictor";
  graph.inputs = {{"seen", {-1, exits}}};
  graph.outputs = {"scores"};
  graph.initializers["w"] = graph::Tensor({exits, exits}, std::vector<float>(exits * exits, weight));
  graph.initializers["b"] = graph::Tensor({exits}, std::vector<float>(exits, 0.5f));
  graph.nodes = {graph::Node{"Gemm", "linear", {"seen", "w", "b"}, {"scores"}, {}}};
  return graph;
}

inline Fit example_fit(float weight) {
  Fit fit;
  fit.predictor = example_predictor(2, weight);
  fit.beliefs.shrinkage = 0.1;
  fit.beliefs.prior = {2.0 / 3.0, 1.0};
  fit.beliefs.seen = {{{0.3, 0.9}, {0.1, 0.7}}, {}};
  fit.beliefs.predicted = {{}, {{0.25, 0.75}, {0.2, 0.85}}};
  return fit;
}

inline profile::EtProfile example_timing(const std::string& platform) {
  profile::EtProfile timing;
  timing.platform = {platform, "A CPU", 1, "f32", "oneDNN 2.6.3"};
  timing.samples = 50;
  timing.conv = {{1e-3, 9e-4, 1e-3, 2e-3, 3e-3}, {1.1e-3, 9e-4, 1e-3, 2e-3, 3e-3}};
  timing.branch = {{1e-4, 1e-4, 1e-4, 2e-4, 3e-4}, {3e-4, 1e-4, 1e-4, 2e-4, 3e-4}};
  return timing;
}

/// A bundle with every part.
inline Bundle example_bundle() {
  Bundle bundle;
  bundle.name = "tiny";
  bundle.dataset = "made-up";
  bundle.normalization = {{0.286f}, {0.353f}};
  bundle.labels = {"cat", "dog", "caf\xc3\xa9"};
  bundle.graph = example_network();
  bundle.confidences = profile::CsProfile{2, {0, 1, 2}, {0, 0, 1, 1, 1, 2}, {0.5f, 0.6f, 0.7f, 0.8f, 0.9f, 1.0f}};
  bundle.timing["a-cpu-1t-f32"] = example_timing("a-cpu-1t-f32");
  bundle.fit = example_fit(0.1f);
  bundle.folds = {example_fit(0.2f), example_fit(0.3f)};
  return bundle;
}

/// A test with its own folder and one saved example bundle in it.
class BundleTest : public testing::Test {
 protected:
  BundleTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("bundle_test." + std::to_string(getpid()) + "." +
                 testing::UnitTest::GetInstance()->current_test_info()->name())),
        path_(folder_ / "tiny.einet") {
    std::filesystem::create_directories(folder_);
  }
  ~BundleTest() override { std::filesystem::remove_all(folder_); }

  /// Relative paths and contents of all files below `root`.
  static std::map<std::string, std::string> contents(const std::filesystem::path& root) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      if (!entry.is_regular_file()) continue;
      files[entry.path().lexically_relative(root).generic_string()] = io::read_file(entry.path());
    }
    return files;
  }

  const std::filesystem::path folder_;
  const std::filesystem::path path_;
};

}  // namespace einet::bundle
