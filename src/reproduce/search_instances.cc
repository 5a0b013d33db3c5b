#include "reproduce/search_instances.h"

#include <algorithm>

#include "einet/error.h"

namespace einet::reproduce {
namespace {

constexpr int kSamples = 200;

const Subject* largest(Context& context) {
  const Subject* best = nullptr;
  for (const std::string& name : context.names()) {
    const Subject* subject = context.find(name);
    if (subject != nullptr && (best == nullptr || subject->bundle.exits() > best->bundle.exits())) best = subject;
  }
  return best;
}

}  // namespace

SearchInstances search_instances(Context& context) {
  const std::string name = "cifar100-msdnet40-small";
  const Subject* subject = context.find(name);
  if (subject == nullptr) subject = largest(context);
  if (subject == nullptr) throw Error(ErrorKind::kNotFound, "planning", "needs a bundle; " + context.problem(name));
  const profile::CsProfile& profile = *subject->bundle.confidences;
  SearchInstances instances{.times = subject->times, .scores = {}, .description = {}};
  instances.times.planning.clear();
  const int count = std::min(kSamples, profile.samples());
  for (int k = 0; k < count; ++k) {
    const auto row = profile.confidences(static_cast<int>(std::int64_t{k} * profile.samples() / count));
    instances.scores.emplace_back(row.begin(), row.end());
  }
  instances.description = "block times and confidences of " + std::to_string(count) + " held-out samples of " +
                          subject->name + ", " + std::to_string(profile.exits) + " exits";
  return instances;
}

}  // namespace einet::reproduce
