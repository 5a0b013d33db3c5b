#include "reproduce/training.h"

#include "einet/error.h"

namespace einet::reproduce {
namespace {

struct Shape {
  const char* input;
  const char* classes;
};

Shape shape_of(const std::string& data) {
  if (data == "mnist" || data == "fashion-mnist") return {"1x28x28", "10"};
  if (data == "cifar10") return {"3x32x32", "10"};
  if (data == "cifar100") return {"3x32x32", "100"};
  throw Error(ErrorKind::kUsage, data, "unknown data set in a recipe");
}

void append(std::vector<std::string>& list, const std::vector<std::string>& more) {
  list.insert(list.end(), more.begin(), more.end());
}

}  // namespace

std::vector<TrainingStep> training_steps(const Recipe& recipe, const std::filesystem::path& bundles,
                                         const std::filesystem::path& work, const std::string& data_directory) {
  const Shape shape = shape_of(recipe.data);
  std::vector<std::string> data = {"--data", recipe.data};
  if (!data_directory.empty()) append(data, {"--dir", data_directory});
  std::vector<TrainingStep> steps;
  std::filesystem::path network = work / "net.onnx";
  TrainingStep build{.arguments = {"model", "build", recipe.network, "--input", shape.input, "--classes", shape.classes,
                                   "--seed", "1"}};
  append(build.arguments, recipe.build);
  append(build.arguments, {"-o", network.string()});
  steps.push_back(std::move(build));
  for (std::size_t cycle = 0; cycle < recipe.cycles.size(); ++cycle) {
    const std::filesystem::path folder = cycle == 0 ? work : work / ("cycle-" + std::to_string(cycle + 1));
    TrainingStep train{.arguments = {"train", network.string(), "--seed", "1", "--threads", "1"}, .checkpoint = folder};
    append(train.arguments, data);
    append(train.arguments, recipe.cycles[cycle]);
    network = folder / "trained.onnx";
    append(train.arguments, {"--checkpoint", folder.string(), "-o", network.string()});
    steps.push_back(std::move(train));
  }
  const std::filesystem::path bundle = bundles / (recipe.name() + ".einet");
  TrainingStep profile{.arguments = {"profile", network.string()}};
  append(profile.arguments, data);
  if (!recipe.weights) append(profile.arguments, {"--weights", "none"});
  append(profile.arguments, {"--log-probabilities", "fit", "-o", bundle.string()});
  steps.push_back(std::move(profile));
  if (recipe.fit) steps.push_back(fitting_step(bundle));
  return steps;
}

TrainingStep fitting_step(const std::filesystem::path& bundle) {
  return {.arguments = {"predictor", "fit", bundle.string(), "--seed", "1"}};
}

}  // namespace einet::reproduce
