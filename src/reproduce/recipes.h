#pragma once

#include <string>
#include <vector>

namespace einet::reproduce {

/// How a bundle is made (zoo/RECIPES.md has the same lines; a test compares them).
struct Recipe {
  std::string data;
  std::string network;
  std::vector<std::string> build;                ///< Options of `einet model build`: {"--set", "blocks=20", …}.
  bool weights = true;                           ///< Whether the bundle has the weights.
  bool fit = true;                               ///< Whether the predictors are fitted.
  std::vector<std::vector<std::string>> cycles;  ///< Options of `einet train` for each cycle of the learning rate.

  /// Of the bundle, without ".einet": "cifar10-vgg16-small".
  std::string name() const { return data + "-" + network; }
  /// The command: "scripts/make-bundle cifar10 vgg16-small --weights none -- --epochs 30".
  std::string command() const;
};

/// All recipes, those of zoo/RECIPES.md that scripts/make-bundle runs.
const std::vector<Recipe>& recipes();
/// Null for a bundle without recipe.
const Recipe* find_recipe(const std::string& name);

}  // namespace einet::reproduce
