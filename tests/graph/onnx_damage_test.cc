#include <gtest/gtest.h>

#include <random>

#include "expect_error.h"
#include "graph/networks.h"
#include "graph/onnx_file.h"
#include "graph/partition.h"
#include "graph/shape_inference.h"

namespace einet::graph {
namespace {

// Whatever the bytes, loading must give a valid graph or an einet::Error with a one-line message. Returns whether it
// loaded.
bool loads_or_reports(const std::string& bytes) {
  try {
    const Graph graph = parse_onnx(bytes, "damaged");
    graph.validate();
    infer_shapes(graph);
    partition(graph);
    return true;
  } catch (const Error& error) {
    const std::string message = error.what();
    EXPECT_TRUE(message.starts_with("damaged: ")) << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
    EXPECT_LT(message.size(), 2100u);
    EXPECT_NE(error.kind(), ErrorKind::kInternal);
    return false;
  }
}

class Damage : public testing::TestWithParam<WeightStorage> {
 protected:
  const std::string whole_ = format_onnx(small_network(), GetParam());
};

TEST_P(Damage, IntactFileLoads) { EXPECT_TRUE(loads_or_reports(whole_)); }

TEST_P(Damage, TruncatedFilesDoNotLoad) {
  // The last bytes declare the opset, those before them the graph, so no proper prefix is a model.
  for (std::size_t size = 0; size < whole_.size(); size += 1 + whole_.size() / 800) {
    EXPECT_FALSE(loads_or_reports(whole_.substr(0, size))) << size;
  }
  EXPECT_FALSE(loads_or_reports(whole_.substr(0, whole_.size() - 1)));
}

TEST_P(Damage, RandomBytes) {
  std::mt19937 random(17);
  for (int i = 0; i < 800; ++i) {
    std::string damaged = whole_;
    const int count = 1 + static_cast<int>(random() % 4);
    for (int k = 0; k < count; ++k) damaged[random() % damaged.size()] = static_cast<char>(random());
    loads_or_reports(damaged);
  }
}

// With hardly any weights, so that nearly every byte is part of the structure.
TEST_P(Damage, EveryByteOfTheStructure) {
  std::mt19937 random(19);
  const std::string whole = format_onnx(tiny_network(), GetParam());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] ^= static_cast<char>(1u << (random() % 8));
    loads_or_reports(damaged);
  }
}

TEST_P(Damage, CutPastedAndRepeatedPieces) {
  std::mt19937 random(23);
  for (int i = 0; i < 200; ++i) {
    const std::size_t from = random() % whole_.size(), to = random() % whole_.size();
    loads_or_reports(std::string(whole_).erase(from, random() % 50));
    loads_or_reports(std::string(whole_).insert(to, whole_.substr(from, random() % 200)));
  }
  EXPECT_FALSE(loads_or_reports(std::string(100000, '\xff')));
}

INSTANTIATE_TEST_SUITE_P(Storages, Damage, testing::Values(WeightStorage::kFloat32, WeightStorage::kFloat16));

}  // namespace
}  // namespace einet::graph
