#include "reproduce/recipes.h"

#include <algorithm>
#include <sstream>

namespace einet::reproduce {
namespace {

std::vector<std::string> words(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> result;
  for (std::string word; stream >> word;) result.push_back(word);
  return result;
}

/// From the arguments of scripts/make-bundle.
Recipe parsed(const std::string& line) {
  Recipe recipe;
  const std::vector<std::string> all = words(line);
  recipe.data = all[0];
  recipe.network = all[1];
  for (std::size_t i = 2; i < all.size(); ++i) {
    if (all[i] == "--") {
      recipe.cycles.emplace_back();
    } else if (!recipe.cycles.empty()) {
      recipe.cycles.back().push_back(all[i]);
    } else if (all[i] == "--no-fit") {
      recipe.fit = false;
    } else if (all[i] == "--weights") {
      recipe.weights = all[++i] != "none";
    } else {
      recipe.build.push_back(all[i]);
    }
  }
  return recipe;
}

}  // namespace

std::string Recipe::name() const {
  return (folder.empty() ? "" : folder + "/") + (title.empty() ? data + "-" + network : title);
}

std::string Recipe::command() const {
  if (!folder.empty()) return "einet reproduce " + folder + " --train";
  std::string line = "scripts/make-bundle " + data + " " + network;
  for (const std::string& word : build) line += " " + word;
  if (!weights) line += " --weights none";
  if (!fit) line += " --no-fit";
  for (const auto& cycle : cycles) {
    line += " --";
    for (const std::string& word : cycle) line += " " + word;
  }
  return line;
}

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = [] {
    std::vector<Recipe> made;
    for (const char* line : {
             // Shipped.
             ("fashion-mnist msdnet --set blocks=20 --set base=1 --set step=1 --set scales=2 --set channels=4 "
              "--set growth=4 --set branch_channels=24 --set branch_hidden=32 -- --epochs 10"),
             "cifar10 b-alexnet -- --epochs 40 --lr 0.02",
             "cifar100 b-alexnet -- --epochs 40 --lr 0.02",
             "mnist b-alexnet -- --epochs 12 --lr 0.02",
             "mnist msdnet21-small -- --epochs 5",
             "cifar10 flexvgg16-small --weights none -- --epochs 24",
             "cifar10 vgg16-small --weights none -- --epochs 30",
             "cifar10 resnet50-small -- --epochs 20",
             "cifar10 msdnet21-small -- --epochs 15",
             "cifar100 vgg16-small --weights none -- --epochs 35",
             "cifar100 msdnet21-small -- --epochs 20",
             "cifar10 msdnet40-small --weights none --no-fit -- --epochs 10 -- --epochs 10 --lr 0.05",
             "cifar100 msdnet40-small --weights none --no-fit -- --epochs 14",
             "mnist vgg16-small --weights none -- --epochs 1",
             "mnist flexvgg16-small --weights none -- --epochs 1",
             "mnist resnet50-small --weights none -- --epochs 1",
             "mnist msdnet40-small --weights none --no-fit -- --epochs 1",
             "cifar100 flexvgg16-small --weights none -- --epochs 8",
             // Of the paper's other row.
             "cifar100 resnet50-small --weights none -- --epochs 6",
             // Of figure 9.
             "cifar10 vgg16-small-classic --weights none --no-fit -- --epochs 30",
             "cifar10 vgg16-small-compressed --weights none --no-fit -- --epochs 30",
             "cifar10 msdnet21-small-classic --weights none --no-fit -- --epochs 15",
             "cifar10 msdnet21-small-compressed --weights none --no-fit -- --epochs 15",
             "cifar100 vgg16-small-classic --weights none --no-fit -- --epochs 35",
             "cifar100 vgg16-small-compressed --weights none --no-fit -- --epochs 35",
             "cifar100 msdnet21-small-classic --weights none --no-fit -- --epochs 20",
             "cifar100 msdnet21-small-compressed --weights none --no-fit -- --epochs 20",
         }) {
      made.push_back(parsed(line));
    }
    return made;
  }();
  return all;
}

const std::vector<Recipe>& figure13_recipes() {
  static const std::vector<Recipe> all = [] {
    std::vector<Recipe> made;
    const auto add = [&made](const std::string& title, const std::vector<std::string>& changes = {}) {
      Recipe recipe;
      recipe.folder = "figure13";
      recipe.title = title;
      recipe.data = "fashion-mnist";
      recipe.network = "msdnet";
      recipe.build = words(
          "--set blocks=5 --set base=2 --set step=1 --set channels=4 --set growth=2 --set branch_convs=1 "
          "--set branch_fcs=2");
      for (const std::string& change : changes) recipe.build.insert(recipe.build.end(), {"--set", change});
      recipe.weights = recipe.fit = recipe.predicts = false;
      recipe.cycles = {words("--epochs 3 --batch 128 --limit 10000 --no-augment")};
      made.push_back(std::move(recipe));
    };
    add("middle");
    for (const std::string value : {"3", "9"}) add("blocks-" + value, {"blocks=" + value});
    for (const std::string value : {"2", "3"}) add("step-" + value, {"step=" + value});
    for (const std::string value : {"1", "4"}) add("base-" + value, {"base=" + value});
    add("channels-2", {"channels=2", "growth=1"});
    add("channels-8", {"channels=8", "growth=4"});
    for (const std::string convolutions : {"1", "2", "3"}) {
      for (const std::string layers : {"1", "2", "3"}) {
        if (convolutions == "1" && layers == "2") continue;  // The middle one.
        add("branch-" + convolutions + "-" + layers, {"branch_convs=" + convolutions, "branch_fcs=" + layers});
      }
    }
    return made;
  }();
  return all;
}

const Recipe* find_recipe(const std::string& name) {
  for (const auto* list : {&recipes(), &figure13_recipes()}) {
    const auto found = std::ranges::find_if(*list, [&](const Recipe& recipe) { return recipe.name() == name; });
    if (found != list->end()) return &*found;
  }
  return nullptr;
}

}  // namespace einet::reproduce
