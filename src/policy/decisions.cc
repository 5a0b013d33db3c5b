#include "policy/decisions.h"

#include <utility>
#include <vector>

namespace einet {
namespace {

class DecisionPolicy final : public Policy {
 public:
  DecisionPolicy(std::shared_ptr<const plan::DecisionTable> table, double horizon, std::unique_ptr<Policy> otherwise)
      : table_(std::move(table)), horizon_(horizon), otherwise_(std::move(otherwise)) {
    const int exits = table_->exits();
    // By the next exit: that exit and the later exits of the population's plan.
    plan::ExitPlan later(exits);
    plans_.assign(exits + 1, later);
    for (int exit = exits - 1; exit >= 0; --exit) {
      plans_[exit] = later;
      plans_[exit].insert(exit);
      if (table_->population.contains(exit)) later.insert(exit);
    }
  }

  const plan::ExitPlan& begin(double deadline) noexcept override {
    in_time_ = deadline < horizon_;
    if (in_time_) return otherwise_->begin(deadline);
    answered_ = false;
    return table_->population;
  }

  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    if (in_time_) return otherwise_->after(output);
    plan::Agreement agreement = plan::Agreement::kFirst;
    if (answered_) {
      agreement = output.label == label_ ? plan::Agreement::kAgrees : plan::Agreement::kDiffers;
    }
    answered_ = true;
    label_ = output.label;
    return plans_[table_->next(output.exit, agreement, output.confidence)];
  }

 private:
  std::shared_ptr<const plan::DecisionTable> table_;
  double horizon_;
  std::unique_ptr<Policy> otherwise_;
  std::vector<plan::ExitPlan> plans_;  ///< [exits + 1]; the last is empty.
  bool in_time_ = false;               ///< The current run has a deadline that `otherwise` plans for.
  bool answered_ = false;              ///< The current run has an answer, of label_.
  int label_ = -1;
};

}  // namespace

std::unique_ptr<Policy> decision_policy(std::shared_ptr<const plan::DecisionTable> table, double horizon,
                                        std::unique_ptr<Policy> otherwise) {
  table->validate("decision table");
  return std::make_unique<DecisionPolicy>(std::move(table), horizon, std::move(otherwise));
}

PolicyFactory with_decisions(std::shared_ptr<const plan::DecisionTable> table, double horizon,
                             PolicyFactory otherwise) {
  if (!table || !table->deviates()) return otherwise;
  return [table = std::move(table), horizon, otherwise = std::move(otherwise)] {
    return decision_policy(table, horizon, otherwise());
  };
}

}  // namespace einet
