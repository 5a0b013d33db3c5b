// The state of a training run: checkpoints, and its agreement between processes.
#include <nlohmann/json.hpp>

#include "einet/error.h"
#include "train/training.h"

namespace einet::train {

void Training::save() {
  const auto copy = [](const std::map<std::string, at::Tensor>& tensors) {
    std::map<std::string, std::vector<float>> values;
    for (const auto& [name, tensor] : tensors) {
      const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
      values[name].assign(plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
    }
    return values;
  };
  state_.weights = copy(network_.state());
  // Each stage starts with a new optimizer state.
  state_.optimizer.clear();
  if (state_.step < work_->last_step) state_.optimizer = copy(work_->optimizer->state());
  if (!has_checkpoint_) set_aside_checkpoint(options_.checkpoint);
  curves_->flush();
  write_checkpoint(state_, options_.checkpoint);
  has_checkpoint_ = true;
}

/// Rank 0 reads the checkpoint and gives it to the others.
void Training::resume() {
  std::optional<Checkpoint> found;
  if (ranks_.is_first()) found = read_checkpoint(options_.checkpoint, state_.identity);
  std::string state = found ? write_state(*found) : "";
  ranks_.broadcast(state);
  if (state.empty()) return;
  if (!found) found = read_state(state, options_.checkpoint.string());
  restore(network_.state(), found->weights);
  state_ = *std::move(found);
  has_checkpoint_ = true;
  if (curves_) curves_->resume(state_.step);
  if (state_.steps == 0) state_.steps = batches_.steps_per_epoch() * options_.epochs;
  if (state_.step >= state_.steps) return;
  enter_stage_of(state_.step);
  if (state_.step > work_->first_step) restore(work_->optimizer->state(), state_.optimizer);
}

/// Copies the values that rank 0 has into the tensors of all ranks.
void Training::restore(const std::map<std::string, at::Tensor>& tensors,
                       const std::map<std::string, std::vector<float>>& values) const {
  const at::NoGradGuard no_gradients;
  if (ranks_.is_first()) {
    for (auto [name, tensor] : tensors) {
      const auto value = values.find(name);
      if (value == values.end() || static_cast<std::int64_t>(value->second.size()) != tensor.numel()) {
        throw Error(ErrorKind::kInvalidData, options_.checkpoint.string(), "the checkpoint has no '" + name + "'");
      }
      tensor.copy_(at::tensor(value->second).reshape(tensor.sizes()));
    }
  }
  take_from_first(tensors);
}

/// Replaces the values by those of rank 0.
void Training::take_from_first(const std::map<std::string, at::Tensor>& tensors) const {
  if (ranks_.size() == 1) return;
  const at::NoGradGuard no_gradients;
  for (auto [name, tensor] : tensors) {
    at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
    ranks_.broadcast(plain);
    tensor.copy_(plain);
  }
}

/// Throws in every rank whose network, data or options are not those of rank 0.
void Training::expect_equal_ranks() const {
  std::string first = state_.identity.dump();
  ranks_.broadcast(first);
  const std::string key = first_difference(state_.identity, nlohmann::json::parse(first));
  if (key.empty()) return;
  throw Error(ErrorKind::kUsage, ranks_.name(), "trains with another '" + key + "' than rank 0");
}

}  // namespace einet::train
