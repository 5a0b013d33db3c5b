#include <functional>
#include <nlohmann/json.hpp>

#include "bundle/example.h"
#include "expect_error.h"

namespace einet::bundle {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

TEST_F(BundleTest, ManifestHasTheDocumentedFields) {
  save_bundle(example_bundle(), path_);
  const json manifest = json::parse(io::read_file(path_ / "manifest.json"));
  EXPECT_EQ(manifest["format"], "einet-bundle");
  EXPECT_EQ(manifest["version"], 1);
  EXPECT_EQ(manifest["name"], "tiny");
  EXPECT_EQ(manifest["dataset"], "made-up");
  EXPECT_EQ(manifest["input"], (json{1, 6, 6}));
  EXPECT_EQ(manifest["normalization"].dump(), R"({"mean":[0.286],"stddev":[0.353]})");
  EXPECT_EQ(manifest["classes"], 3);
  EXPECT_EQ(manifest["labels"], (json{"cat", "dog", "caf\xc3\xa9"}));
  EXPECT_EQ(manifest["exits"], (json{"exit1", "exit2"}));
  EXPECT_EQ(manifest["weights"], "float16");
  EXPECT_EQ(manifest["files"].size(), 9u);
  EXPECT_EQ(manifest["files"]["model.onnx"]["bytes"], fs::file_size(path_ / "model.onnx"));
}

TEST_F(BundleTest, ManifestHasPreprocessingAndSplit) {
  Bundle bundle = example_bundle();
  save_bundle(bundle, path_);
  EXPECT_FALSE(json::parse(io::read_file(path_ / "manifest.json")).contains("preprocessing"));
  EXPECT_FALSE(json::parse(io::read_file(path_ / "manifest.json")).contains("split"));
  bundle.preprocessing = {.resize = {8}, .crop = {6, 6}, .interpolation = Interpolation::kBicubic};
  bundle.hold_out = HoldOut{.train_share = 0.8, .seed = 7};
  save_bundle(bundle, path_);
  const json manifest = json::parse(io::read_file(path_ / "manifest.json"));
  EXPECT_EQ(manifest["preprocessing"].dump(), R"({"crop":[6,6],"interpolation":"bicubic","resize":[8]})");
  EXPECT_EQ(manifest["split"].dump(), R"({"seed":7,"train":0.8})");
  EXPECT_EQ(load_bundle(path_).preprocessing, bundle.preprocessing);
  EXPECT_EQ(load_bundle(path_).hold_out, bundle.hold_out);
  bundle.preprocessing = {.crop = {6, 6}};
  save_bundle(bundle, path_);
  EXPECT_EQ(json::parse(io::read_file(path_ / "manifest.json"))["preprocessing"].dump(), R"({"crop":[6,6]})");
  EXPECT_EQ(load_bundle(path_).preprocessing, bundle.preprocessing);
  bundle.preprocessing.crop = {6, 7};
  expect_error(ErrorKind::kInvalidData, "field 'preprocessing' crops to 6x7, the network takes 6x6",
               [&] { save_bundle(bundle, path_); });
}

TEST_F(BundleTest, ErrorsNameTheFaultInTheManifest) {
  const std::vector<std::pair<std::string, std::function<void(json&)>>> faults = {
      {"field 'format' is 'zip'", [](json& m) { m["format"] = "zip"; }},
      {"format version 2 is newer", [](json& m) { m["version"] = 2; }},
      {"field 'version' is missing", [](json& m) { m.erase("version"); }},
      {"field 'name' is not a string", [](json& m) { m["name"] = 1; }},
      {"field 'input[0]' is too small", [](json& m) { m["input"][0] = 0; }},
      {"field 'input' differs from the shape in model.onnx", [](json& m) { m["input"][0] = 3; }},
      {"field 'classes' differs from model.onnx", [](json& m) { m["classes"] = 4; }},
      {"field 'exits' differs from the outputs of model.onnx", [](json& m) { m["exits"].erase(1); }},
      {"has 2 labels for classes, the network has 3", [](json& m) { m["labels"].erase(0); }},
      {"field 'labels[1]' is not a string", [](json& m) { m["labels"][1] = 7; }},
      {"field 'normalization.mean[0]' is not a number", [](json& m) { m["normalization"]["mean"][0] = nullptr; }},
      {"has 3 channel means, the network has 1",
       [](json& m) {
         m["normalization"]["mean"] = {0.1, 0.2, 0.3};
       }},
      {"a channel deviation is not positive", [](json& m) { m["normalization"]["stddev"] = {0.0}; }},
      {"a channel mean is NaN or infinite", [](json& m) { m["normalization"]["mean"] = {1e300}; }},
      {"field 'preprocessing' is not an object", [](json& m) { m["preprocessing"] = 224; }},
      {"field 'preprocessing.resize[0]' is too small", [](json& m) { m["preprocessing"]["resize"] = {0}; }},
      {"field 'preprocessing.resize' is not a list", [](json& m) { m["preprocessing"]["resize"] = 8; }},
      {"field 'preprocessing' has a side that is not in 1..16384",
       [](json& m) { m["preprocessing"]["resize"] = {1LL << 40}; }},
      {"field 'preprocessing' resizes the shorter side to 8", [](json& m) { m["preprocessing"]["resize"] = {8}; }},
      {"field 'preprocessing' crops to 5x6",
       [](json& m) {
         m["preprocessing"]["crop"] = {5, 6};
       }},
      {"field 'preprocessing.interpolation' is not", [](json& m) { m["preprocessing"]["interpolation"] = "box"; }},
      {"field 'split.train' is not between 0 and 1",
       [](json& m) {
         m["split"] = {{"train", 1.0}, {"seed", 0}};
       }},
      {"field 'split.train' is not between 0 and 1",
       [](json& m) {
         m["split"] = {{"train", 0}, {"seed", 0}};
       }},
      {"field 'split.train' is not a number",
       [](json& m) {
         m["split"] = {{"train", nullptr}, {"seed", 0}};
       }},
      {"field 'split.seed' is missing",
       [](json& m) {
         m["split"] = {{"train", 0.5}};
       }},
      {"field 'split.seed' is too small",
       [](json& m) {
         m["split"] = {{"train", 0.5}, {"seed", -1}};
       }},
      {"field 'weights' is not a known weight format", [](json& m) { m["weights"] = "int8"; }},
      {"field 'files' is not an object", [](json& m) { m["files"] = json::array(); }},
      {"field 'files.model.onnx' is missing", [](json& m) { m["files"].erase("model.onnx"); }},
      {"field 'files.calibration.json' is missing", [](json& m) { m["files"].erase("calibration.json"); }},
      {"field 'files.fold1/predictor.onnx' is missing", [](json& m) { m["files"].erase("fold1/predictor.onnx"); }},
      {"field 'files.model.onnx.sha256' is not a SHA-256", [](json& m) { m["files"]["model.onnx"]["sha256"] = "abc"; }},
      {"field 'files.model.onnx.bytes' is too small", [](json& m) { m["files"]["model.onnx"]["bytes"] = -1; }},
  };
  save_bundle(example_bundle(), path_);
  const json right = json::parse(io::read_file(path_ / "manifest.json"));
  for (const auto& [expected, spoil] : faults) {
    json manifest = right;
    spoil(manifest);
    io::write_file(path_ / "manifest.json", manifest.dump());
    expect_error(ErrorKind::kInvalidData, (path_ / "manifest.json").string() + ": ", [&] { load_bundle(path_); });
    expect_error(ErrorKind::kInvalidData, expected, [&] { load_bundle(path_); });
  }
  io::write_file(path_ / "manifest.json", right.dump());
  load_bundle(path_);
}

TEST_F(BundleTest, RejectsFileNamesOutsideTheBundle) {
  save_bundle(example_bundle(), path_);
  const json right = json::parse(io::read_file(path_ / "manifest.json"));
  for (const std::string name :
       {"../outside.onnx", "/etc/passwd", "timing/../../x.json", "timing//x.json", "timing/.json", "timing/a/b.json",
        "timing/..json", "fold2/predictor.onnx", "fold0/../predictor.onnx", "./model.onnx", "manifest.json", ""}) {
    json manifest = right;
    manifest["files"][name] = manifest["files"]["model.onnx"];
    io::write_file(path_ / "manifest.json", manifest.dump());
    expect_error(ErrorKind::kInvalidData, "field 'files." + name + "' is not a file name allowed in a bundle",
                 [&] { load_bundle(path_); });
  }
}

TEST_F(BundleTest, RejectsManifestsThatAreNotJson) {
  save_bundle(example_bundle(), path_);
  const std::string right = io::read_file(path_ / "manifest.json");
  io::write_file(path_ / "manifest.json", right.substr(0, right.size() / 2));
  expect_error(ErrorKind::kInvalidData, "manifest.json: is not valid JSON", [&] { load_bundle(path_); });
  io::write_file(path_ / "manifest.json", "[]");
  expect_error(ErrorKind::kInvalidData, "manifest.json: is not a JSON object", [&] { load_bundle(path_); });
}

}  // namespace
}  // namespace einet::bundle
