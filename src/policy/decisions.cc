#include "policy/decisions.h"

#include <utility>
#include <vector>

namespace einet {
namespace {

class DecisionPolicy final : public Policy {
 public:
  DecisionPolicy(std::shared_ptr<const plan::DecisionTable> table, double horizon, std::unique_ptr<Policy> fallback)
      : table_(std::move(table)), horizon_(horizon), fallback_(std::move(fallback)) {
    const int exits = table_->exits();
    // Indexed by the next exit: that exit and the later exits of the population's plan.
    plan::ExitPlan later(exits);
    plans_.assign(exits + 1, later);
    for (int exit = exits - 1; exit >= 0; --exit) {
      plans_[exit] = later;
      plans_[exit].insert(exit);
      if (table_->population.contains(exit)) later.insert(exit);
    }
  }

  const plan::ExitPlan& begin(double deadline) noexcept override {
    uses_fallback_ = deadline < horizon_;
    if (uses_fallback_) return fallback_->begin(deadline);
    answered_ = false;
    return table_->population;
  }

  const plan::ExitPlan& after(const BranchOutput& output) noexcept override {
    if (uses_fallback_) return fallback_->after(output);
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
  std::unique_ptr<Policy> fallback_;
  std::vector<plan::ExitPlan> plans_;  ///< [exits + 1]; the last is empty.
  bool uses_fallback_ = false;         ///< For the current run.
  bool answered_ = false;              ///< The current run has an answer with the label label_.
  int label_ = -1;
};

}  // namespace

std::unique_ptr<Policy> decision_policy(std::shared_ptr<const plan::DecisionTable> table, double horizon,
                                        std::unique_ptr<Policy> fallback) {
  table->validate("decision table");
  return std::make_unique<DecisionPolicy>(std::move(table), horizon, std::move(fallback));
}

PolicyFactory with_decisions(std::shared_ptr<const plan::DecisionTable> table, double horizon, PolicyFactory fallback) {
  if (!table || !table->deviates()) return fallback;
  return [table = std::move(table), horizon, fallback = std::move(fallback)] {
    return decision_policy(table, horizon, fallback());
  };
}

}  // namespace einet
