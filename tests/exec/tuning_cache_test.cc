#include "exec/tuning_cache.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "expect_error.h"
#include "graph/builder.h"
#include "io/file.h"
#include "io/temporary_directory.h"

namespace einet::exec {
namespace {

graph::Graph network(std::uint64_t seed, int channels = 16) {
  graph::Builder build("small", 16, 8, 8, seed);
  const auto x = build.conv(build.input(), channels, {}, "conv");
  build.exit(build.linear(build.flatten(build.global_average_pool(x, "pool"), "flat"), 10, "linear"));
  return std::move(build).build();
}

std::vector<std::filesystem::path> files(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> result;
  if (!std::filesystem::exists(directory / "tuning")) return result;
  for (const auto& entry : std::filesystem::directory_iterator(directory / "tuning")) result.push_back(entry.path());
  return result;
}

// Replaces the choices of the only file, so that choices read from it differ from measured ones.
void plant(const std::filesystem::path& file, const std::string& choice) {
  auto json = nlohmann::json::parse(io::read_file(file));
  json["choices"] = {{"conv", choice}};
  io::write_file(file, json.dump());
}

exec::Tuning tuned(const graph::Graph& graph, const exec::CompileOptions& options,
                   const std::filesystem::path& directory) {
  return cached_tuning(graph, options, directory, Progress::none(), {.budget = Seconds(0)});
}

TEST(TuningCache, MeasuresOncePerNetworkAndSettings) {
  const TemporaryDirectory directory;
  tuned(network(1), {}, directory.path());
  ASSERT_EQ(files(directory.path()).size(), 1u);
  plant(files(directory.path()).front(), "plain:default");
  const exec::Tuning planted{{{"conv", "plain:default"}}};
  EXPECT_EQ(tuned(network(1), {}, directory.path()), planted);
  EXPECT_EQ(tuned(network(2), {}, directory.path()), planted) << "weights do not matter";
  EXPECT_EQ(files(directory.path()).size(), 1u);
  tuned(network(1), {.batch = 2}, directory.path());
  EXPECT_EQ(files(directory.path()).size(), 2u);
  tuned(network(1, 32), {}, directory.path());
  EXPECT_EQ(files(directory.path()).size(), 3u);
}

TEST(TuningCache, ReplacesDamagedFiles) {
  const TemporaryDirectory directory;
  tuned(network(1), {}, directory.path());
  const auto file = files(directory.path()).front();
  for (const std::string bytes : {"", "{", "[]", "{\"format\":\"einet-tuning\",\"version\":1}"}) {
    io::write_file(file, bytes);
    EXPECT_NO_THROW(tuned(network(1), {}, directory.path()));
    EXPECT_EQ(nlohmann::json::parse(io::read_file(file)).at("format"), "einet-tuning") << "stored again";
  }
}

TEST(TuningCache, WorksWithoutAWritableFolder) {
  const TemporaryDirectory directory;
  io::write_file(directory.path() / "tuning", "a file where the folder should be");
  EXPECT_NO_THROW(tuned(network(1), {}, directory.path()));
  EXPECT_NO_THROW(tuned(network(1), {}, {}));
}

TEST(TuningCache, RejectsChoicesThatAreNotStrings) {
  EXPECT_EQ(tuning_from_json({{"a", "plain:own"}}, "f").choices.at("a"), "plain:own");
  expect_error(ErrorKind::kInvalidData, "f", [] { tuning_from_json({{"a", 1}}, "f"); });
  expect_error(ErrorKind::kInvalidData, "f", [] { tuning_from_json(nlohmann::json::array(), "f"); });
}

}  // namespace
}  // namespace einet::exec
