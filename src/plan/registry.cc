#include "plan/registry.h"

#include <charconv>
#include <cmath>
#include <sstream>
#include <utility>

#include "core/nearest_name.h"
#include "einet/error.h"
#include "plan/completion.h"

namespace einet::plan {
namespace {

struct Registry {
  std::vector<PlannerKind> kinds;
  std::vector<std::string> names;

  void add(PlannerKind kind) {
    if (kind.variants.empty()) {
      names.push_back(kind.name);
    } else {
      names.insert(names.end(), kind.variants.begin(), kind.variants.end());
    }
    kinds.push_back(std::move(kind));
  }

  const PlannerKind* find(std::string_view name) const {
    for (const PlannerKind& kind : kinds) {
      if (kind.name == name) return &kind;
    }
    return nullptr;
  }
};

Registry& registry() {
  static Registry instance = [] {
    Registry built;
    for (PlannerKind& kind : builtin_planners()) built.add(std::move(kind));
    return built;
  }();
  return instance;
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0.0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::unique_ptr<Planner> make_planner(std::string_view name, const BlockTimes& times,
                                      std::shared_ptr<const ExitTimeDistribution> distribution,
                                      const PlannerOptions& options) {
  PlannerRequest request{times, std::move(distribution), options, std::nullopt};
  if (const PlannerKind* kind = registry().find(name)) return complete(kind->make(request), request);

  const std::size_t dash = name.rfind('-');
  if (dash != std::string_view::npos) {
    const PlannerKind* kind = registry().find(name.substr(0, dash));
    request.number = parse_number(name.substr(dash + 1));
    if (kind != nullptr && !kind->number.empty() && request.number) return complete(kind->make(request), request);
  }
  const std::string nearest = nearest_name(name, planner_names());
  throw Error(ErrorKind::kUsage, "planner '" + std::string(name) + "'",
              nearest.empty() ? "there is no such planner" : "unknown; did you mean '" + nearest + "'?");
}

const std::vector<std::string>& planner_names() { return registry().names; }

const std::vector<PlannerKind>& planner_kinds() { return registry().kinds; }

void register_planner(PlannerKind kind) {
  const std::string what = "planner '" + kind.name + "'";
  if (kind.name.empty()) throw Error(ErrorKind::kUsage, "planner", "a planner needs a name");
  if (!kind.make) throw Error(ErrorKind::kUsage, what, "it has no function that makes the planner");
  if (registry().find(kind.name) != nullptr)
    throw Error(ErrorKind::kUsage, what, "a planner of this name is already registered");
  registry().add(std::move(kind));
}

namespace {

[[noreturn]] void refuse_number(const char* planner, double number, double lowest, double highest, const char* kind) {
  std::ostringstream why;
  why << "its number is " << number << "; it must be " << kind << " from " << lowest << " to " << highest;
  throw Error(ErrorKind::kUsage, std::string("planner '") + planner + "'", why.str());
}

}  // namespace

double number_within(const PlannerRequest& request, const char* planner, double fallback, double lowest,
                     double highest) {
  const double number = request.number.value_or(fallback);
  if (!(number >= lowest && number <= highest)) refuse_number(planner, number, lowest, highest, "a number");
  return number;
}

int count_within(const PlannerRequest& request, const char* planner, int fallback, int lowest, int highest) {
  const double number = request.number.value_or(fallback);
  if (!(number >= lowest && number <= highest && number == std::floor(number))) {
    refuse_number(planner, number, lowest, highest, "a whole number");
  }
  return static_cast<int>(number);
}

}  // namespace einet::plan
