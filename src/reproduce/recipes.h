#pragma once

#include <string>
#include <vector>

namespace einet::reproduce {

/// How a bundle is made.
struct Recipe {
  std::string folder;  ///< Below that of the bundles; "" or "figure13".
  std::string title;   ///< Of the bundle; "" = "DATA-NETWORK".
  std::string data;
  std::string network;
  std::vector<std::string> build;                ///< Options of `einet model build`: {"--set", "blocks=20", …}.
  bool weights = true;                           ///< Whether the bundle has the weights.
  bool fit = true;                               ///< Whether the predictors are fitted.
  bool predicts = true;                          ///< Whether an item needs the predictors.
  std::vector<std::vector<std::string>> cycles;  ///< Options of `einet train` for each cycle of the learning rate.

  /// Of the bundle, below the folder of the bundles and without ".einet": "cifar10-vgg16-small", "figure13/middle".
  std::string name() const;
  /// The command: "scripts/make-bundle cifar10 vgg16-small --weights none -- --epochs 30".
  std::string command() const;
};

/// The recipes of zoo/RECIPES.md that scripts/make-bundle runs (a test compares them).
const std::vector<Recipe>& recipes();
/// Those of figure 13: small MSDNets on Fashion-MNIST that differ from figure13/middle in one property each, trained on
/// 10,000 images for 3 epochs.
const std::vector<Recipe>& figure13_recipes();
/// In both. Null for a bundle without recipe.
const Recipe* find_recipe(const std::string& name);

}  // namespace einet::reproduce
