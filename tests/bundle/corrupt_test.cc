#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "bundle/example.h"
#include "expect_error.h"
#include "io/sha256.h"

namespace einet::bundle {
namespace {

namespace fs = std::filesystem;

class CorruptBundle : public BundleTest {
 protected:
  void SetUp() override { save_bundle(example_bundle(), path_); }

  /// Changes a file and updates the manifest to match, as deliberate tampering would.
  void forge(const std::string& file, const std::string& bytes) {
    io::write_file(path_ / file, bytes);
    nlohmann::json manifest = nlohmann::json::parse(io::read_file(path_ / "manifest.json"));
    manifest["files"][file] = {{"bytes", bytes.size()}, {"sha256", io::sha256(bytes)}};
    io::write_file(path_ / "manifest.json", manifest.dump());
  }

  void expect_fault(const std::string& file, const std::string& fault) {
    expect_error(ErrorKind::kInvalidData, (path_ / file).string(), [&] { load_bundle(path_); });
    expect_error(ErrorKind::kInvalidData, fault, [&] { load_bundle(path_); });
  }
};

TEST_F(CorruptBundle, ReportsMissingFiles) {
  for (const auto& [file, bytes] : contents(path_)) {
    fs::remove(path_ / file);
    if (file == "manifest.json") {
      expect_error(ErrorKind::kInvalidData, "is not a bundle: it has no manifest.json", [&] { load_bundle(path_); });
    } else {
      expect_fault(file, "is listed in manifest.json but missing");
    }
    io::write_file(path_ / file, bytes);
  }
  load_bundle(path_);
}

TEST_F(CorruptBundle, ReportsTruncatedAndModifiedFiles) {
  for (const auto& [file, bytes] : contents(path_)) {
    if (file == "manifest.json") continue;
    io::write_file(path_ / file, bytes.substr(0, bytes.size() - 1));
    expect_fault(file, "bytes, manifest.json states");
    std::string flipped = bytes;
    flipped[bytes.size() / 2] ^= 1;
    io::write_file(path_ / file, flipped);
    expect_fault(file, "checksum differs");
    io::write_file(path_ / file, bytes);
  }
  load_bundle(path_);
}

TEST_F(CorruptBundle, ReportsUnknownFiles) {
  for (const std::string file : {"notes.txt", "timing/b.json", "fold0/more.onnx", "timing/.hidden"}) {
    std::ofstream(path_ / file) << "x";
    expect_fault(file, "is not in manifest.json");
    fs::remove(path_ / file);
  }
  fs::create_directories(path_ / "fold2");
  expect_fault("fold2", "is a folder that is not in manifest.json");
  fs::remove(path_ / "fold2");
  load_bundle(path_);
}

TEST_F(CorruptBundle, ReportsLinksAndFoldersInPlaceOfFiles) {
  const fs::path outside = folder_ / "outside.onnx";
  fs::rename(path_ / "predictor.onnx", outside);
  fs::create_symlink(outside, path_ / "predictor.onnx");
  expect_fault("predictor.onnx", "is not a regular file");
  fs::remove(path_ / "predictor.onnx");
  fs::create_directories(path_ / "predictor.onnx");
  expect_fault("predictor.onnx", "is a folder");
}

TEST_F(CorruptBundle, ReportsPathsThatAreNotBundles) {
  expect_error(ErrorKind::kNotFound, "absent.einet: no such bundle", [&] { load_bundle(folder_ / "absent.einet"); });
  expect_error(ErrorKind::kInvalidData, "model.onnx: is not a bundle", [&] { load_bundle(path_ / "model.onnx"); });
  expect_error(ErrorKind::kInvalidData, "is not a bundle: it has no manifest.json", [&] { load_bundle(folder_); });
}

TEST_F(CorruptBundle, ReportsInvalidPartsWithMatchingChecksums) {
  const auto right = contents(path_);
  const std::vector<std::tuple<std::string, std::string, std::string>> faults = {
      {"model.onnx", "no onnx", "model.onnx"},
      {"predictor.onnx", "no onnx", "predictor.onnx"},
      {"confidence.npz", "no zip", "confidence.npz"},
      {"calibration.json", "{", "is not valid JSON"},
      {"fold1/calibration.json", "{}", "field 'format' is missing"},
      {"timing/a-cpu-1t-f32.json", "[]", "is not a JSON object"},
  };
  for (const auto& [file, bytes, fault] : faults) {
    forge(file, bytes);
    expect_fault(file, fault);
    forge(file, right.at(file));
  }
  load_bundle(path_);
}

TEST_F(CorruptBundle, ReportsPartsOfAnotherNetwork) {
  const auto right = contents(path_);
  const auto swap = [&](const std::string& file, const std::string& bytes, const std::string& fault) {
    forge(file, bytes);
    expect_fault(file, fault);
    forge(file, right.at(file));
  };
  swap("predictor.onnx", graph::format_onnx(example_predictor(3, 0.5f)), "has 3 exits, the network has 2");
  swap("fold0/predictor.onnx", right.at("model.onnx"), "needs one input and one output");
  Fit fit = example_fit(0.1f);
  fit.beliefs.prior = {0.5};
  fit.beliefs.seen.resize(1);
  fit.beliefs.predicted.resize(1);
  swap("calibration.json", to_json(fit.beliefs).dump(), "has 1 exits, the network has 2");
  profile::EtProfile timing = example_timing("a-cpu-1t-f32");
  timing.conv.push_back({});
  timing.branch.push_back({});
  swap("timing/a-cpu-1t-f32.json", to_json(timing).dump(), "has 3 exits, the network has 2");
  swap("timing/a-cpu-1t-f32.json", to_json(example_timing("b")).dump(), "contains the timing of platform 'b'");
  timing = example_timing("a-cpu-1t-f32");
  nlohmann::json negative = to_json(timing);
  negative["conv"][0]["mean"] = -1;
  swap("timing/a-cpu-1t-f32.json", negative.dump(), "field 'conv[0].mean' is negative");

  profile::CsProfile other{1, {0, 1}, {0, 1}, {0.5f, 0.5f}};
  const fs::path npz = folder_ / "other.npz";
  profile::write_cs_profile(other, npz);
  swap("confidence.npz", io::read_file(npz), "has 1 exits, the network has 2");
  other = *example_bundle().confidences;
  other.predicted[1] = 3;
  profile::write_cs_profile(other, npz);
  swap("confidence.npz", io::read_file(npz), "label 3 in a network of 3 classes");
  load_bundle(path_);
}

}  // namespace
}  // namespace einet::bundle
