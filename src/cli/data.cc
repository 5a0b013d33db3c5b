#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "cli/command.h"
#include "cli/json_output.h"
#include "data/dataset.h"

namespace einet::cli {
namespace {

struct GetOptions {
  std::string name;
  std::string directory = "data";
  std::string from;
  bool json = false;
};

void get(const GetOptions& options) {
  data::get_dataset(options.name, options.directory, options.from);
  nlohmann::json result{{"name", options.name}, {"directory", options.directory}};
  for (const auto& [key, split] : {std::pair{"train", data::Split::kTrain}, {"test", data::Split::kTest}}) {
    const data::Dataset set = data::load_dataset(options.name, split, options.directory);
    result[key] = set.size();
    result["classes"] = set.classes();
    result["shape"] = {set.channels, set.height, set.width};
  }
  if (options.json) {
    print_json(result);
  } else {
    std::cout << options.name << ": " << result["train"] << " training and " << result["test"] << " test images of "
              << result["classes"] << " classes in " << options.directory << ", verified\n";
  }
}

}  // namespace

void add_data(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Fetch and verify datasets");
  data->require_subcommand(1);
  CLI::App* sub = data->add_subcommand("get", "Fetch and verify mnist, fashion-mnist, cifar10 or cifar100");
  auto options = std::make_shared<GetOptions>();
  sub->add_option("name", options->name, "Dataset")->required();
  sub->add_option("--dir", options->directory, "Folder of the datasets (commands look here, or in $EINET_DATA)");
  sub->add_option(
      "--from", options->from,
      "Folder or URL prefix of the official files; fashion-mnist does not need it if Debian's package is installed");
  sub->add_flag("--json", options->json, "Print JSON");
  sub->callback([options] { get(*options); });
}

}  // namespace einet::cli
