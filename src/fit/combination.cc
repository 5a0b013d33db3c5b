// Weights for combined answers by maximum likelihood.
//
// z_k = keep_k z_{k-1} + add_k l_k over the executed exits k, l_k their log-probabilities, z_0 = 0. The loss of one
// answer is L_k = log sum_c exp(z_k[c]) - z_k[label]. Its derivatives follow from the backward recursion:
//
//     g_k = softmax(z_k) - onehot(label) + keep_{k+1} g_{k+1}
//     dL/dadd_k = <g_k, l_k>        dL/dkeep_k = <g_k, z_{k-1}>
//
// The exits executed before exit k depend on the plan, and a policy may skip any of them. If only the plan were used
// for fitting, the weights of other exits would keep their initial values; hence the random subsets. They are used for
// few samples, because they reduce the gain under the plan: by 0.1 of 0.95 points when half of the samples have them
// (CIFAR-100, MSDNet). Fitting by likelihood also calibrates: the weights scale z like a temperature.
//
// The optimizer is Adam with a learning rate that falls to zero. With two parameters per exit and thousands of samples,
// the noise of the steps averages out and overfitting is negligible. Weights stay above zero: with a negative `add`,
// the first exit of a plan would answer with its least likely class.

#include "fit/combination.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "einet/error.h"

namespace einet::fit {
namespace {

constexpr double kLeastAdd = 1e-3;

/// One of Adam's parameters.
struct Moments {
  double mean = 0.0, square = 0.0;

  double step(double gradient, int number) {
    constexpr double kMean = 0.9, kSquare = 0.99;
    mean = kMean * mean + (1 - kMean) * gradient;
    square = kSquare * square + (1 - kSquare) * gradient * gradient;
    return mean / (1 - std::pow(kMean, number)) / (std::sqrt(square / (1 - std::pow(kSquare, number))) + 1e-8);
  }
};

plan::ExitPlan random_subset(int exits, std::mt19937_64& random) {
  plan::ExitPlan subset(exits);
  for (int exit = 0; exit < exits; ++exit) {
    if (random() >> 63) subset.insert(exit);
  }
  if (subset.count() == 0) subset.insert(static_cast<int>(random() % static_cast<std::uint64_t>(exits)));
  return subset;
}

}  // namespace

double combination_loss(const predict::CombinationWeights& weights, const profile::CsProfile& profile, int sample,
                        const plan::ExitPlan& executed, predict::CombinationWeights& gradient) {
  const std::size_t classes = profile.classes;
  const std::size_t label = profile.labels[sample];
  std::vector<int> exits;
  for (int exit = executed.next(-1); exit < profile.exits; exit = executed.next(exit)) exits.push_back(exit);
  std::vector<float> l(exits.size() * classes), z((exits.size() + 1) * classes), residual(exits.size() * classes);
  double loss = 0.0;
  for (std::size_t k = 0; k < exits.size(); ++k) {
    float* now = z.data() + (k + 1) * classes;
    const float* before = z.data() + k * classes;
    profile.log_probabilities(sample, exits[k], std::span(l).subspan(k * classes, classes));
    const auto keep = static_cast<float>(weights.keep[exits[k]]), add = static_cast<float>(weights.add[exits[k]]);
    for (std::size_t c = 0; c < classes; ++c) now[c] = keep * before[c] + add * l[k * classes + c];
    const float best = *std::max_element(now, now + classes);
    float sum = 0.0f;
    for (std::size_t c = 0; c < classes; ++c) sum += residual[k * classes + c] = std::exp(now[c] - best);
    for (std::size_t c = 0; c < classes; ++c) residual[k * classes + c] /= sum;
    residual[k * classes + label] -= 1.0f;
    loss += std::log(sum) + best - now[label];
  }
  const double share = 1.0 / static_cast<double>(exits.size());
  std::vector<float> g(classes);
  float kept = 0.0f;  // keep of the exit after k
  for (std::size_t k = exits.size(); k-- > 0;) {
    double keep = 0.0, add = 0.0;
    for (std::size_t c = 0; c < classes; ++c) {
      g[c] = residual[k * classes + c] + kept * g[c];
      keep += g[c] * z[k * classes + c];
      add += g[c] * l[k * classes + c];
    }
    gradient.keep[exits[k]] += share * keep;
    gradient.add[exits[k]] += share * add;
    kept = static_cast<float>(weights.keep[exits[k]]);
  }
  return share * loss;
}

predict::CombinationWeights fit_combination(const profile::CsProfile& profile, const plan::ExitPlan& plan,
                                            const CombinationOptions& options, Progress& progress) {
  if (!profile.has_log_probabilities() || profile.samples() == 0) {
    throw Error(ErrorKind::kInvalidData, "combined answers", "need the log-probabilities of at least one sample");
  }
  const int exits = profile.exits;
  std::mt19937_64 random(options.seed);
  predict::CombinationWeights weights{.keep = std::vector<double>(exits, 0.5), .add = std::vector<double>(exits, 0.5)};
  std::array<std::vector<Moments>, 2> moments = {std::vector<Moments>(exits), std::vector<Moments>(exits)};
  for (int step = 1; step <= options.steps; ++step) {
    predict::CombinationWeights gradient{.keep = std::vector<double>(exits), .add = std::vector<double>(exits)};
    for (int i = 0; i < options.batch; ++i) {
      const auto sample = static_cast<int>(random() % static_cast<std::uint64_t>(profile.samples()));
      const bool planned = i % 4 != 0 && plan.count() > 0;
      combination_loss(weights, profile, sample, planned ? plan : random_subset(exits, random), gradient);
    }
    const double rate = options.learning_rate * (1.0 - static_cast<double>(step - 1) / options.steps);
    for (int exit = 0; exit < exits; ++exit) {
      double& keep = weights.keep[exit];
      double& add = weights.add[exit];
      constexpr double kMost = predict::CombinationWeights::kLargest;
      keep = std::clamp(keep - rate * moments[0][exit].step(gradient.keep[exit], step), 0.0, kMost);
      add = std::clamp(add - rate * moments[1][exit].step(gradient.add[exit], step), kLeastAdd, kMost);
    }
    if (step % 100 == 0) progress.update("combination", step, options.steps, "");
  }
  return weights;
}

}  // namespace einet::fit
