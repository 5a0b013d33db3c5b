#include "reproduce/context.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "einet/distribution.h"
#include "einet/error.h"
#include "eval/simulate.h"
#include "reproduce/recipes.h"

namespace einet::reproduce {
namespace {

constexpr std::string_view kSuffix = ".einet";

std::vector<std::string> bundle_names(const std::filesystem::path& folder) {
  std::error_code error;
  if (!std::filesystem::is_directory(folder, error)) {
    throw Error(ErrorKind::kNotFound, folder.string(), "no such folder; --bundles names the folder of the bundles");
  }
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string file = entry.path().filename().string();
    if (file.ends_with(kSuffix) && !file.starts_with('.'))
      names.push_back(file.substr(0, file.size() - kSuffix.size()));
  }
  if (error) throw Error(ErrorKind::kIo, folder.string(), error.message());
  std::ranges::sort(names);
  return names;
}

}  // namespace

/// The methods of one subject under one protocol, distribution and planner.
struct Context::Methods {
  eval::MethodBuilder builder;
  plan::BlockTimes times;
  std::shared_ptr<const plan::ExitTimeDistribution> distribution;
  std::map<std::string, std::optional<eval::Method>> built = {};  ///< Empty where there is no such method.
  std::map<std::string, Score> scores = {};

  const eval::Method* find(const std::string& name) {
    if (!built.contains(name)) {
      const std::array<std::string_view, 1> names = {name};
      auto made = builder.build(times, distribution, names);
      built[name] = made.empty() ? std::nullopt : std::optional(std::move(made.front()));
    }
    const auto& method = built[name];
    return method ? &*method : nullptr;
  }
};

Context::Context(ContextOptions options, Progress& progress) : options_(std::move(options)), progress_(progress) {
  names_ = bundle_names(options_.bundles);
  plan::parse_distribution(options_.distribution, 1.0);  // A wrong one is an error of usage, not of every bundle.
}

Context::~Context() = default;

const Subject* Context::find(const std::string& name) {
  const auto known = subjects_.find(name);
  if (known != subjects_.end()) return known->second.get();
  std::unique_ptr<Subject>& subject = subjects_[name];
  if (!std::ranges::binary_search(names_, name)) return nullptr;
  progress_.update("loading", 0, 1, name);
  try {
    bundle::TimingOptions timing_options = options_.timing;
    timing_options.distribution = options_.distribution;
    const auto path = options_.bundles / (name + std::string(kSuffix));
    subject = std::make_unique<Subject>(Subject{eval::load_subject(path, timing_options, progress_), name});
  } catch (const Error& error) {
    const bool no_times = !options_.timing.platform.empty() && error.kind() == ErrorKind::kUsage;
    (no_times ? without_times_ : errors_)[name] = error.what();
  }
  return subject.get();
}

std::string Context::problem(const std::string& name) const {
  const auto error = errors_.find(name);
  if (error != errors_.end()) return error->second;
  if (const auto why = without_times_.find(name); why != without_times_.end()) return "no times: " + why->second;
  const Recipe* recipe = find_recipe(name);
  return recipe == nullptr ? "no bundle " + name + ".einet" : "no bundle: made by `" + recipe->command() + "`";
}

void Context::check_platform() {
  const std::string& platform = options_.timing.platform;
  if (platform.empty() || names_.empty()) return;
  for (const std::string& name : names_) {
    if (find(name) != nullptr || errors_.contains(name)) return;  // A damaged one may have had them.
  }
  throw Error(ErrorKind::kUsage, "platform '" + platform + "'",
              "no bundle in " + options_.bundles.string() +
                  " has times of it; einet bundle info BUNDLE lists those that a bundle has");
}

std::vector<std::string> Context::errors() const {
  std::vector<std::string> lines;
  for (const auto& [name, error] : errors_) lines.push_back(error);
  return lines;
}

std::vector<std::string> Context::busy() const {
  std::vector<std::string> names;
  for (const auto& [name, subject] : subjects_) {
    if (subject && subject->busy) names.push_back(name);
  }
  return names;
}

Context::Methods& Context::methods(const Subject& subject, eval::Protocol protocol, const std::string& distribution,
                                   const std::string& planner) {
  std::unique_ptr<Methods>& methods = methods_[{subject.name, protocol, distribution, planner}];
  if (methods) return *methods;
  methods.reset(new Methods{.builder = eval::MethodBuilder(subject.bundle, protocol, planner, subject.program),
                            .times = subject.times,
                            .distribution = plan::parse_distribution(distribution, subject.horizon())});
  if (distribution != options_.distribution || planner != "exact") {
    bundle::TimingOptions timing_options = options_.timing;
    timing_options.distribution = distribution;
    timing_options.planner = planner;
    methods->times.planning = bundle::select_timing(subject.bundle, timing_options).profile.times().planning;
  }
  return *methods;
}

const eval::Method* Context::method(const Subject& subject, eval::Protocol protocol, const std::string& method,
                                    const std::string& distribution, const std::string& planner) {
  progress_.update("fitting", 0, 1, subject.name + " " + method);
  return methods(subject, protocol, distribution.empty() ? options_.distribution : distribution, planner).find(method);
}

const Score* Context::score(const Subject& subject, eval::Protocol protocol, const std::string& method,
                            const std::string& distribution, const std::string& planner) {
  Methods& all = methods(subject, protocol, distribution.empty() ? options_.distribution : distribution, planner);
  const auto known = all.scores.find(method);
  if (known != all.scores.end()) return &known->second;
  progress_.update("simulating", 0, 1, subject.name + " " + method);
  const eval::Method* made = all.find(method);
  if (made == nullptr) return nullptr;
  const profile::CsProfile& profile = *subject.bundle.confidences;
  Score score{.samples = eval::simulate(*made, profile, all.times, *all.distribution), .accuracy = {}};
  score.accuracy = policy::estimate(score.samples);
  score.planning_seconds = eval::mean_planning(*made, profile.exits);
  return &(all.scores[method] = std::move(score));
}

}  // namespace einet::reproduce
