#include "bundle/update.h"

#include <fstream>

#include "bundle/example.h"
#include "expect_error.h"

namespace einet::bundle {
namespace {

namespace fs = std::filesystem;

class UpdateBundle : public BundleTest {
 protected:
  static void no_change(Bundle&) {}

  static Change add_timing(const std::string& platform) {
    return [platform](Bundle& bundle) { bundle.timing[platform] = example_timing(platform); };
  }

  static void measure_again(Bundle& bundle) {
    bundle.confidences = example_bundle().confidences;
    bundle.fit.reset();
    bundle.folds = {};
  }

  /// Expects the same error before the work and when saving, and nothing changed.
  void expect_refused(const Destination& destination, const Bundle& start, const Change& change, ErrorKind kind,
                      const std::string& why) {
    const auto before = contents(folder_);
    expect_error(kind, why, [&] { check_update(destination, start, change); });
    expect_error(kind, why, [&] { update_bundle(destination, start, change); });
    EXPECT_EQ(contents(folder_), before);
  }
};

TEST_F(UpdateBundle, CreatesABundle) {
  Bundle start;
  start.graph = example_network();
  check_update({path_}, start, add_timing("a-cpu"));
  EXPECT_FALSE(fs::exists(path_));
  const Bundle saved = update_bundle({path_}, start, add_timing("a-cpu"));
  EXPECT_TRUE(saved.timing.contains("a-cpu"));
  EXPECT_TRUE(load_bundle(path_).timing.contains("a-cpu"));
}

// Two commands start from the same bundle; each adds its part.
TEST_F(UpdateBundle, InPlaceKeepsPartsAddedByOthers) {
  Bundle bare = example_bundle();
  bare.fit.reset();
  bare.folds = {};
  save_bundle(bare, path_);
  const Bundle start = load_bundle(path_);
  update_bundle({path_, true}, start, add_timing("b-cpu"));
  update_bundle({path_, true}, start, [](Bundle& bundle) { bundle.fit = example_fit(0.1f); });
  const Bundle saved = update_bundle({path_, true}, start, add_timing("c-cpu"));
  EXPECT_TRUE(saved.fit);
  EXPECT_EQ(saved.timing.size(), 3u);
  EXPECT_EQ(load_bundle(path_).timing.size(), 3u);
}

TEST_F(UpdateBundle, NamesTheFitThatWouldBeLost) {
  save_bundle(example_bundle(), path_);
  const Bundle start = load_bundle(path_);
  expect_refused({path_, true}, start, measure_again, ErrorKind::kUsage,
                 "would lose the predictor and its calibration, the folds; give --force");
  const Bundle saved = update_bundle({path_, true, true}, start, measure_again);
  EXPECT_FALSE(saved.fit || load_bundle(path_).fit);
}

TEST_F(UpdateBundle, FewerSamplesOrOtherDataNeedForce) {
  Bundle start = example_bundle();
  start.fit.reset();
  start.folds = {};
  save_bundle(start, path_);
  const Change fewer = [](Bundle& b) { b.confidences = profile::CsProfile{2, {0}, {0, 0}, {0.5f, 0.6f}}; };
  const Change other = [](Bundle& b) { b.dataset = "other"; };
  const std::string why = "would lose the confidences of 3 samples of made-up";
  expect_refused({path_, true}, start, fewer, ErrorKind::kUsage, why);
  expect_refused({path_, true}, start, other, ErrorKind::kUsage, why);
  update_bundle({path_, true}, start, measure_again);  // As many samples of the same dataset: a new measurement.
}

TEST_F(UpdateBundle, AnotherNetworkNeedsForce) {
  save_bundle(example_bundle(), path_);
  Bundle start;
  start.graph = example_network();
  start.graph.initializers.begin()->second.floats()[0] += 1.0f;
  start.graph = with_rounded_weights(start.graph);
  expect_refused(
      {path_}, start, no_change, ErrorKind::kUsage,
      "would lose the network 'tiny', the confidences of 3 samples of made-up, the times of a-cpu-1t-f32, the "
      "predictor and its calibration, the folds;");
  expect_refused({path_, true}, start, no_change, ErrorKind::kUsage,
                 "would lose the network");  // Replaced in the meantime.
  EXPECT_FALSE(update_bundle({path_, false, true}, start, no_change).confidences);
}

TEST_F(UpdateBundle, TheSameNetworkElsewhereKeepsItsTimes) {
  Bundle start;
  start.graph = with_rounded_weights(example_network());
  update_bundle({path_}, start, add_timing("a-cpu"));
  const Bundle saved = update_bundle({path_}, start, add_timing("b-cpu"));
  EXPECT_EQ(saved.timing.size(), 2u);
}

TEST_F(UpdateBundle, RejectsDestinationsThatAreNotBundles) {
  Bundle start;
  start.graph = example_network();
  fs::create_directories(folder_ / "npm");
  std::ofstream(folder_ / "npm/manifest.json") << R"({"name": "an app", "format": "something"})";
  fs::create_directories(folder_ / "torn");
  std::ofstream(folder_ / "torn/manifest.json") << R"({"format": "einet-bun)";
  std::ofstream(folder_ / "file") << "x";
  for (const char* name : {"npm", "torn", "file"}) {
    for (const bool force : {false, true}) {
      expect_refused({folder_ / name, false, force}, start, no_change, ErrorKind::kUsage, "exists and is not a bundle");
    }
  }
  expect_refused({folder_ / "absent/x.einet"}, start, no_change, ErrorKind::kIo, "x.einet: cannot create");
  expect_error(ErrorKind::kUsage, "npm: exists and is not a bundle", [&] { save_bundle(start, folder_ / "npm"); });
}

TEST_F(UpdateBundle, NeverRemovesForeignFiles) {
  save_bundle(example_bundle(), path_);
  const Bundle start = load_bundle(path_);
  std::ofstream(path_ / "notes.txt") << "dear diary";
  for (const bool force : {false, true}) {
    expect_refused({path_, true, force}, start, no_change, ErrorKind::kInvalidData,
                   "notes.txt: is not in manifest.json");
  }
  expect_error(ErrorKind::kInvalidData, "notes.txt", [&] { save_bundle(start, path_); });
  EXPECT_TRUE(fs::exists(path_ / "notes.txt"));
}

TEST_F(UpdateBundle, IgnoresFilesOfFileManagers) {
  save_bundle(example_bundle(), path_);
  for (const char* name : {".DS_Store", "timing/._a.json", "Thumbs.db", "fold0/desktop.ini", "Desktop.ini"}) {
    std::ofstream(path_ / name) << "x";
  }
  const Bundle start = load_bundle(path_);
  update_bundle({path_, true}, start, add_timing("b-cpu"));
  EXPECT_EQ(load_bundle(path_).timing.size(), 2u);
}

TEST_F(UpdateBundle, ReplacesADamagedBundleOnlyWithForce) {
  save_bundle(example_bundle(), path_);
  const Bundle start = load_bundle(path_);
  std::ofstream(path_ / "model.onnx", std::ios::app) << "x";
  expect_refused({path_, true}, start, no_change, ErrorKind::kInvalidData, "model.onnx: has ");
  update_bundle({path_, true, true}, start, no_change);
  EXPECT_TRUE(load_bundle(path_).fit);
}

TEST_F(UpdateBundle, KeepsLinks) {
  fs::create_directories(folder_ / "store");
  fs::create_directory_symlink("store/real.einet", folder_ / "link.einet");
  Bundle start;
  start.graph = example_network();
  update_bundle({folder_ / "link.einet"}, start, add_timing("a-cpu"));
  update_bundle({folder_ / "link.einet/"}, start, add_timing("b-cpu"));
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.einet"));
  EXPECT_EQ(load_bundle(folder_ / "store/real.einet").timing.size(), 2u);
  EXPECT_EQ(load_bundle(folder_ / "link.einet/").name, "real");
}

TEST_F(UpdateBundle, NetworkErrorsNameTheFile) {
  const graph::Graph network = example_network();
  check_network(network, "net.onnx");
  check_network(network, "net.onnx", 3);
  expect_error(ErrorKind::kInvalidData, "net.onnx: has 3 classes, but the data has 5",
               [&] { check_network(network, "net.onnx", 5); });
  graph::Graph features = network;
  features.outputs.push_back(features.nodes.front().outputs.front());
  expect_error(ErrorKind::kInvalidData, "net.onnx: output", [&] { check_network(features, "net.onnx"); });
}

}  // namespace
}  // namespace einet::bundle
