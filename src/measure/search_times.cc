// The times of the paper's Table I: one accuracy expectation, and one search for a plan.
//
// Least, mean and most over repetitions, as the paper has them. A search gets a new row of scores each time, so that
// neither the branch predictor nor a planner's memory helps it. An expectation takes less than the resolution of the
// clock, so that many are timed together.

#include "measure/search_times.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "einet/distribution.h"
#include "einet/error.h"
#include "einet/planner.h"
#include "einet/time.h"

namespace einet::measure {

CallTimes time_calls(int repetitions, int calls, const std::function<void(int)>& call) {
  if (repetitions < 1 || calls < 1) throw Error(ErrorKind::kUsage, "repetitions", "must be at least 1");
  CallTimes result{.repetitions = repetitions};
  double sum = 0.0;
  for (int k = 0; k < repetitions; ++k) {
    const auto begin = Clock::now();
    for (int i = 0; i < calls; ++i) call(k);
    const double seconds = Seconds(Clock::now() - begin).count() / calls;
    result.least = k == 0 ? seconds : std::min(result.least, seconds);
    result.most = std::max(result.most, seconds);
    sum += seconds;
  }
  result.mean = sum / repetitions;
  return result;
}

PlanningQuestion random_question(int exits, int rows, unsigned long seed) {
  if (exits < 1 || rows < 1) throw Error(ErrorKind::kUsage, "planning question", "needs an exit and a row of scores");
  std::mt19937_64 random(seed);
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  PlanningQuestion question;
  for (int i = 0; i < exits; ++i) {
    question.times.conv.push_back(uniform(0.5e-3, 1.5e-3));
    question.times.branch.push_back(uniform(0.1e-3, 0.8e-3));
  }
  for (int row = 0; row < rows; ++row) {
    std::vector<double>& scores = question.scores.emplace_back(exits);
    for (int i = 0; i < exits; ++i) {
      scores[i] = std::clamp(0.9 - 0.6 * std::exp(-4.0 * (i + 1) / exits) + uniform(-0.08, 0.08), 0.0, 1.0);
    }
  }
  return question;
}

SearchTimes time_expectation(const PlanningQuestion& question, int repetitions) {
  constexpr int kCalls = 1000;
  const auto distribution = plan::uniform_distribution(question.times.total());
  const plan::ExitPlan all = plan::ExitPlan::all(question.times.exits());
  volatile double sink = 0.0;
  const auto value = [&](std::size_t row) {
    return plan::expectation(question.times, *distribution, question.scores[row % question.scores.size()], all);
  };
  return {time_calls(repetitions, kCalls, [&](int k) { sink = value(k); }), value(0)};
}

SearchTimes time_search(const PlanningQuestion& question, const std::string& planner, int repetitions) {
  const auto made = plan::make_planner(planner, question.times, plan::uniform_distribution(question.times.total()));
  const auto search = [&](std::size_t row) { return made->plan(question.scores[row % question.scores.size()]); };
  SearchTimes result;
  result.times = time_calls(repetitions, 1, [&](int k) { search(k); });
  result.value = search(0).expectation;
  return result;
}

}  // namespace einet::measure
