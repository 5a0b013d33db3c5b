#include "plan/instance.h"

#include <algorithm>

namespace einet::plan {
namespace {

/// 0 … most, in `steps` steps.
rc::Gen<double> numbers(double most, int steps) {
  return rc::gen::map(rc::gen::inRange(0, steps + 1), [=](int k) { return most * k / steps; });
}

void print(std::ostream& out, const char* name, const std::vector<double>& values) {
  out << name << " {";
  for (const double value : values) out << value << ", ";
  out << "} ";
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Instance& instance) {
  out.precision(17);
  print(out, "conv", instance.times.conv);
  print(out, "branch", instance.times.branch);
  print(out, "planning", instance.times.planning);
  print(out, "lane conv", instance.times.lane.conv);
  print(out, "busy", instance.times.lane.busy);
  print(out, "branch", instance.times.lane.branch);
  print(out, "scores", instance.scores);
  const Ahead& ahead = instance.start.ahead;
  out << "ahead " << ahead.exit << " at " << ahead.elapsed << " pending {";
  for (int exit = ahead.pending.next(-1); exit < ahead.pending.exits(); exit = ahead.pending.next(exit))
    out << exit << ", ";
  out << "} ";
  return out << "start " << instance.start.exit << " at " << instance.start.elapsed << " score " << instance.start.score
             << " deadline " << instance.start.deadline << " horizon " << instance.horizon << " shape "
             << instance.shape;
}

rc::Gen<Instance> instances(int max_exits) {
  return rc::gen::exec([max_exits] {
    const auto exits = static_cast<std::size_t>(*rc::gen::inRange(1, max_exits + 1));
    const int steps = *rc::gen::element(4, 1000000);
    Instance instance;
    instance.times.conv = *rc::gen::container<std::vector<double>>(exits, numbers(2.0, steps));
    instance.times.branch = *rc::gen::container<std::vector<double>>(exits, numbers(1.0, steps));
    if (*rc::gen::arbitrary<bool>()) {
      instance.times.planning = *rc::gen::container<std::vector<double>>(exits, numbers(0.5, steps));
    }
    instance.scores = *rc::gen::container<std::vector<double>>(exits, numbers(1.0, steps));
    instance.horizon = std::max(1e-3, instance.times.total()) * *numbers(1.5, 30) + 1e-2;
    if (*rc::gen::arbitrary<bool>()) {
      instance.start = {*rc::gen::inRange(-1, static_cast<int>(exits)), instance.horizon * *numbers(1.2, steps),
                        *numbers(1.0, steps)};
    }
    if (*rc::gen::inRange(0, 3) == 0) instance.start.deadline = instance.horizon * *numbers(1.2, steps);
    instance.shape = *rc::gen::arbitrary<std::uint64_t>();
    return instance;
  });
}

rc::Gen<Instance> two_lane_instances(int max_exits) {
  return rc::gen::exec([max_exits] {
    Instance instance = *instances(max_exits);
    const auto exits = static_cast<std::size_t>(instance.exits());
    const int steps = *rc::gen::element(4, 1000000);
    LaneTimes& lane = instance.times.lane;
    lane.conv = lane.busy = *rc::gen::container<std::vector<double>>(exits, numbers(2.0, steps));
    // Some branches are longer than conv parts, so that the branch lane falls behind.
    lane.branch = *rc::gen::container<std::vector<double>>(exits, numbers(*rc::gen::element(1.0, 4.0), steps));
    if (*rc::gen::arbitrary<bool>()) {
      for (double& busy : lane.busy) busy *= 1.0 + *numbers(1.0, steps);
    }
    if (instance.start.exit >= 0 && *rc::gen::arbitrary<bool>()) {
      Ahead& ahead = instance.start.ahead;
      ahead.exit = *rc::gen::inRange(instance.start.exit, instance.exits());
      ahead.elapsed = instance.start.elapsed * *numbers(1.0, steps);
      ahead.pending = ExitPlan(instance.exits());
      for (int exit = instance.start.exit + 1; exit <= ahead.exit; ++exit) {
        if (*rc::gen::arbitrary<bool>()) ahead.pending.insert(exit);
      }
    }
    return instance;
  });
}

const std::vector<std::string>& distribution_kinds() {
  static const std::vector<std::string> kinds = {"uniform",   "gaussian",  "deadline", "exponential",
                                                 "empirical", "histogram", "online",   "until"};
  return kinds;
}

std::shared_ptr<const ExitTimeDistribution> make_distribution(const std::string& kind, const Instance& instance) {
  std::mt19937_64 random(instance.shape);
  const auto unit = [&] { return std::uniform_real_distribution<double>(1e-3, 1.0)(random); };
  const double horizon = instance.horizon;
  if (kind == "uniform") return uniform_distribution(horizon);
  if (kind == "gaussian") return gaussian_distribution(unit(), unit(), horizon);
  if (kind == "deadline") return deadline_distribution(horizon * unit());
  if (kind == "until") return with_deadline(gaussian_distribution(unit(), unit(), horizon), horizon * unit());
  if (kind == "exponential") return exponential_distribution(horizon * unit());
  std::vector<double> numbers(1 + random() % 40);
  for (double& number : numbers) number = unit();
  if (kind == "histogram") return histogram_distribution(numbers, horizon);
  for (double& number : numbers) number *= horizon;
  // Some cut-offs are equal.
  if (numbers.size() > 3 && random() % 2 == 0) numbers[1] = numbers[2] = numbers[0];
  if (kind == "empirical") return empirical_distribution(numbers);
  auto online = std::make_shared<OnlineHistogram>(horizon);
  for (const double number : numbers) online->observe(number);
  return online;
}

std::unique_ptr<Planner> make_test_planner(std::string_view name, const Instance& instance,
                                           const std::shared_ptr<const ExitTimeDistribution>& distribution) {
  PlannerOptions options;
  options.exact_labels = 4096;
  return make_planner(name, instance.times, distribution, options);
}

double best_by_trying_all(const Instance& instance, const ExitTimeDistribution& distribution) {
  int first = std::max(instance.start.exit, -1) + 1;
  if (instance.times.lanes() == 2) first = std::max(first, instance.start.ahead.exit + 1);
  double best = 0.0;
  for (unsigned members = 0; members < 1u << (instance.exits() - first); ++members) {
    ExitPlan plan(instance.exits());
    for (int exit = first; exit < instance.exits(); ++exit) {
      if ((members >> (exit - first)) & 1) plan.insert(exit);
    }
    best = std::max(best, expectation(instance.times, distribution, instance.scores, plan, instance.start));
  }
  return best;
}

}  // namespace einet::plan
