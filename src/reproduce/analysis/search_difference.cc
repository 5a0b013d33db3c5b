#include "reproduce/analysis/search_difference.h"

#include <algorithm>

#include "einet/distribution.h"
#include "einet/planner.h"

namespace einet::reproduce {

void SearchDifference::add(const SearchDifference& other) {
  searches += other.searches;
  better += other.better;
  most = std::max(most, other.most);
}

SearchDifference compare_searches(const plan::BlockTimes& times, const std::vector<std::vector<double>>& rows,
                                  const std::string& planner, const std::string& other) {
  const auto distribution = plan::uniform_distribution(times.total());
  const auto first = plan::make_planner(planner, times, distribution);
  const auto second = plan::make_planner(other, times, distribution);
  SearchDifference result;
  for (const std::vector<double>& scores : rows) {
    plan::Start start;
    while (start.exit < times.exits() - 1) {
      const double difference = first->plan(scores, start).expectation - second->plan(scores, start).expectation;
      ++result.searches;
      if (difference > 1e-9) ++result.better;
      result.most = std::max(result.most, difference);
      start.elapsed = plan::next_output(times, start.exit, start.elapsed, start.exit + 1);
      ++start.exit;
      start.score = scores[start.exit];
    }
  }
  return result;
}

}  // namespace einet::reproduce
