#include "train/training.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "core/processors.h"
#include "einet/error.h"
#include "graph/open_batch.h"
#include "train/autocast.h"
#include "train/batch_part.h"
#include "train/device.h"
#include "train/gradients.h"
#include "train/losses.h"
#include "train/schedule.h"

namespace einet::train {
namespace {

/// The faster layout: one step of a 14-exit MSDNet on one core with AMX took 0.55 s channels-last and 0.62 s
/// channels-first in bf16, but 1.6 s and 0.9 s in f32.
/// Normalisations of batches that several processes share need channels-last.
at::MemoryFormat layout_for(const TrainOptions& options, const Ranks& ranks) {
  const bool shares = ranks.size() > 1 && options.synchronized_statistics;
  return options.precision == "bf16" || shares ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

data::Augmentation augmentation_for(const data::Dataset& data, const TrainOptions& options) {
  return options.augment ? data::Augmentation::for_dataset(data.name) : data::Augmentation{.padding = 0, .flip = false};
}

const Ranks& alone() {
  static const Ranks ranks;
  return ranks;
}

/// With several processes on a machine, each gets its part of the processors.
int thread_count(const TrainOptions& options) {
  const int all = usable_threads(options.threads > 0 ? options.threads : at::get_num_threads());
  return options.threads > 0 ? all : std::max(1, all / ranks_on_this_machine());
}

graph::Graph with_outputs(graph::Graph graph, const std::vector<ExitReading>& exits) {
  for (std::size_t i = 0; i < exits.size(); ++i) graph.outputs[i] = exits[i].value;
  return graph;
}

/// Adds the losses of a step to the sums of the epoch.
void add_to_epoch(const StepReport& report, Checkpoint& state) {
  state.epoch_loss += report.loss;
  std::vector<double>& sums = state.epoch_exit_losses;
  sums.resize(report.exit_losses.size(), 0.0);
  for (std::size_t exit = 0; exit < sums.size(); ++exit) {
    // NaN: a stage trains other exits than the one before. Their sums begin with it.
    const bool begins = std::isnan(sums[exit]);
    sums[exit] = begins ? report.exit_losses[exit] : sums[exit] + report.exit_losses[exit];
  }
}

}  // namespace

Training::Training(const graph::Graph& graph, const data::Dataset& training, const data::Dataset& test,
                   const TrainOptions& options, Progress& progress)
    : graph_(graph),
      exits_(read_exits(graph)),
      logits_(with_outputs(graph::open_batch(graph), exits_)),
      training_(training),
      test_(test),
      options_(options),
      progress_(progress),
      ranks_(options.ranks != nullptr ? *options.ranks : alone()),
      placement_{open_device(options.device), layout_for(options, ranks_)},
      network_(logits_, placement_.device, placement_.layout),
      chosen_(chosen_exits(graph, options)),
      stages_(stages_of(logits_, options, chosen_)),
      teacher_(last_exit(logits_)),
      batches_(training, augmentation_for(training, options), options.seed, options.batch, ranks_) {
  // libtorch counts all processors of the machine, even if a container may use fewer.
  at::set_num_threads(thread_count(options));
  learning_rate(options.schedule, options.learning_rate, 0, 1);  // Throws now for an unknown name.
  state_.identity = identity_of(graph, training, options);
  if (ranks_.is_first() && !options.checkpoint.empty()) curves_.emplace(options.checkpoint);
}

TrainResult Training::run() {
  expect_equal_ranks();
  if (options_.resume) resume();
  if (state_.steps == 0) {
    state_.steps = batches_.steps_per_epoch() * options_.epochs;
    if (options_.budget.count() > 0) fit_steps_to_budget();
    if (state_.steps < static_cast<std::int64_t>(stages_.size())) {
      throw Error(ErrorKind::kUsage, "training",
                  std::to_string(stages_.size()) + " exits, one after the other, in only " +
                      std::to_string(state_.steps) + " steps; use more epochs or smaller batches");
    }
  }
  while (state_.step < state_.steps) {
    run_epoch();
    state_.epoch_loss = state_.epoch_seconds = state_.epoch_waiting_seconds = 0;
    state_.epoch_exit_losses.clear();
    if (curves_) {
      curves_->add(state_.epochs, state_.step);
      save();
    }
    if (options_.on_epoch && ranks_.is_first()) options_.on_epoch(state_.epochs);
  }
  TrainResult result{.graph = graph_, .epochs = state_.epochs};
  network_.write_weights(result.graph);
  for (std::size_t exit = 0; exit < chosen_.size(); ++exit) {
    if (chosen_[exit]) result.graph.untrained.erase(graph_.outputs[exit]);
  }
  return result;
}

std::int64_t Training::first_step_of(std::size_t stage) const {
  return state_.steps * static_cast<std::int64_t>(stage) / static_cast<std::int64_t>(stages_.size());
}

void Training::enter_stage_of(std::int64_t step) {
  std::size_t stage = 0;
  while (stage + 1 < stages_.size() && first_step_of(stage + 1) <= step) ++stage;
  if (!work_ || work_->stage != stage) enter(stage);
}

/// Enables gradients for exactly the parameters that the stage trains, and prepares its routes.
void Training::enter(std::size_t number) {
  const Stage& stage = stages_[number];
  std::vector<Interpreter::Parameter> trained;
  for (const Interpreter::Parameter& parameter : network_.parameters()) {
    parameter.value.requires_grad_(stage.parameters.contains(parameter.name));
    if (parameter.value.requires_grad()) trained.push_back(parameter);
  }
  work_.reset();
  work_.emplace(Work{.stage = number,
                     .first_step = first_step_of(number),
                     .last_step = first_step_of(number + 1),
                     .parameters = FlatParameters(trained),
                     .optimizer = nullptr,
                     .trunk = {},
                     .head = {},
                     .weights = {},
                     .exits = {},
                     .features = std::nullopt});
  Work& work = *work_;
  work.optimizer = new_optimizer(options_.optimizer, work.parameters, options_.momentum, options_.weight_decay);
  std::vector<std::string> outputs;
  for (std::size_t exit = 0; exit < logits_.outputs.size(); ++exit) {
    if (stage.weights[exit] == 0) continue;
    outputs.push_back(logits_.outputs[exit]);
    work.weights.push_back(stage.weights[exit]);
    work.exits.push_back(exit);
  }
  if (outputs.empty()) throw Error(ErrorKind::kUsage, "exit weights", "are 0 for all exits to train");
  if (options_.distillation > 0 && stage.weights[teacher_] == 0) outputs.push_back(logits_.outputs[teacher_]);
  std::vector<std::string> between = handed_over(logits_, stage);
  const auto produced_by = graph::producers(logits_);
  for (const std::string& output :
       outputs) {  // The value of a frozen exit is an input of the head and is passed through.
    const auto producer = produced_by.find(output);
    if (producer != produced_by.end() && stage.nodes[producer->second]) continue;
    if (std::find(between.begin(), between.end(), output) == between.end()) between.push_back(output);
  }
  work.trunk = network_.route({logits_.inputs[0].name}, between, {});
  work.head = network_.route(between, outputs, stage.nodes);
  const bool pays = state_.steps >= 2 * batches_.steps_per_epoch();  // Otherwise no value is used twice.
  if (options_.mode == "branches" && !options_.augment && pays) keep_features(work);
}

/// Computes and caches the trunk activations of the training images, if they fit into memory.
void Training::keep_features(Work& work) {
  const auto values_of = [&](const std::vector<int>& samples) {
    std::vector<float> pixels(samples.size() * training_.image_size());
    data::fill_batch(training_, samples, pixels);
    return trunk_values(placement_.images(training_, pixels));
  };
  if (TrunkFeatures::bytes_needed(values_of({0}), training_.size()) > options_.feature_memory_bytes) return;
  int done = 0;
  work.features.emplace(training_.size(), evaluation_batch(training_), [&](const std::vector<int>& samples) {
    progress_.update("trunk", done += static_cast<int>(samples.size()), training_.size(), "");
    return values_of(samples);
  });
}

void Training::run_epoch() {
  const std::int64_t first_step = epoch() * batches_.steps_per_epoch();
  const std::int64_t end = std::min(first_step + batches_.steps_per_epoch(), state_.steps);
  Clock::time_point last = Clock::now();
  Seconds since_save{0};
  StepReport last_step;
  while (state_.step < end) {
    const Seconds waited = batches_.waited();
    last_step = step();
    ++state_.step;
    add_to_epoch(last_step, state_);
    const Seconds spent = Clock::now() - last;
    last += std::chrono::duration_cast<Clock::duration>(spent);
    state_.epoch_seconds += spent.count();
    state_.epoch_waiting_seconds += (batches_.waited() - waited).count();
    since_save += spent;
    show(state_.epoch_loss / static_cast<double>(state_.step - first_step));
    if (!curves_) continue;
    last_step.seconds_left = seconds_left();
    curves_->add(last_step);
    if (state_.step < end && since_save.count() >= options_.checkpoint_seconds) {
      save();
      since_save = Seconds{0};
    }
  }
  state_.epochs.push_back(report(last_step));
}

/// One step of the optimizer.
StepReport Training::step() {
  enter_stage_of(state_.step);
  at::Tensor gradient;
  Batch batch = batches_.take(state_.step);
  StepReport report{.step = state_.step + 1, .epoch = epoch() + 1};
  report.exit_losses.assign(exits_.size(), std::nan(""));
  const std::vector<double> losses = gradient_of(batch, state_.step, gradient);
  double weight = 0;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    report.exit_losses[work_->exits[i]] = losses[i];
    report.loss += work_->weights[i] * losses[i];
    weight += work_->weights[i];
  }
  report.loss /= weight;
  const double norm = clip_gradient(gradient, options_.clip_norm);
  if (!std::isfinite(report.loss) || !std::isfinite(norm)) {
    throw Error(ErrorKind::kInvalidData, "training",
                "the loss is not finite at step " +
                    std::to_string(state_.step + 1 - epoch() * batches_.steps_per_epoch()) + " of epoch " +
                    std::to_string(epoch() + 1) + "; a lower learning rate may help" +
                    (has_checkpoint_ ? " (the last good checkpoint is in " + options_.checkpoint.string() + ")" : ""));
  }
  const std::int64_t number = state_.step - work_->first_step;
  report.learning_rate =
      learning_rate(options_.schedule, options_.learning_rate, number, work_->last_step - work_->first_step);
  work_->optimizer->step(gradient, report.learning_rate, number + 1);
  return report;
}

/// The gradient of the loss and the losses of the trained exits, of the whole batch.
std::vector<double> Training::gradient_of(Batch& batch, std::int64_t step, at::Tensor& gradient) {
  const SharedBatch shared(ranks_, batches_.part(), options_.synchronized_statistics);
  seed_dropout(placement_.device, options_.seed, step);
  const at::Tensor labels = at::tensor(batch.labels).to(placement_.device);
  std::vector<at::Tensor> values;
  if (work_->features) {
    values = work_->features->of(batch.samples);
  } else {
    values = trunk_values(placement_.images(training_, batch.pixels));
  }
  std::vector<at::Tensor> losses;
  {
    const AutocastBf16 autocast(options_.precision == "bf16", placement_.device.is_cuda());
    const std::vector<at::Tensor> outputs = network_.forward(work_->head, values);
    const auto read = [&](std::size_t exit, const at::Tensor& output) {
      return ExitLogits{exits_[exit].logits(output), exits_[exit].independent};
    };
    std::vector<ExitLogits> logits;
    for (std::size_t i = 0; i < work_->exits.size(); ++i) logits.push_back(read(work_->exits[i], outputs[i]));
    // The teacher is among the trained exits or follows them.
    const std::size_t teacher_exit =
        std::find(work_->exits.begin(), work_->exits.end(), teacher_) - work_->exits.begin();
    ExitLogits teacher;
    if (options_.distillation > 0) teacher = read(teacher_, outputs[teacher_exit]);
    losses = exit_losses(logits, labels, {options_.label_smoothing, options_.distillation}, teacher, teacher_exit);
  }
  // Losses are means over this process's images; their shares add up to the mean over the batch.
  const double share = batches_.part().share();
  const at::Tensor loss = weighted_sum(losses, work_->weights);
  (share < 1 ? loss * share : loss).backward();
  gradient = work_->parameters.take_gradients();
  at::Tensor losses_on_cpu = at::stack(losses).detach().to(at::kCPU, at::kDouble);
  losses_on_cpu.mul_(share);
  ranks_.add(losses_on_cpu);
  ranks_.add(gradient);
  return {losses_on_cpu.data_ptr<double>(), losses_on_cpu.data_ptr<double>() + losses_on_cpu.numel()};
}

/// The values that the trained part reads from the frozen one.
std::vector<at::Tensor> Training::trunk_values(const at::Tensor& input) const {
  const at::NoGradGuard no_gradients;
  const AutocastBf16 autocast(options_.precision == "bf16", placement_.device.is_cuda());
  return network_.forward(work_->trunk, {input});
}

/// Measures a few steps of every stage and some tests, without changing the network. A number of epochs below 1 may be
/// a fraction; above, it is whole.
void Training::fit_steps_to_budget() {
  constexpr int kWarm = 2, kTimed = 3;
  state_.steps = batches_.steps_per_epoch();  // Temporarily; too few steps for the trunk activations to be cached.
  std::map<std::string, at::Tensor> before;
  for (const auto& [name, tensor] : network_.state()) before[name] = tensor.detach().clone();
  const Clock::time_point begin = Clock::now();
  Seconds step_time{0};
  at::Tensor gradient;
  for (std::size_t stage = 0; stage < stages_.size(); ++stage) {
    enter(stage);
    Clock::time_point timed;
    for (int i = 0; i < kWarm + kTimed; ++i) {
      if (i == kWarm) timed = Clock::now();
      Batch batch = batches_.take(i);
      gradient_of(batch, i, gradient);
      work_->optimizer->step(gradient, 0.0, 1);
    }
    step_time += (Clock::now() - timed) / (kTimed * static_cast<double>(stages_.size()));
  }
  const int tested = std::min(test_.size(), evaluation_batch(test_));
  const Clock::time_point timed = Clock::now();
  test_accuracy(tested, all_exits());
  const Seconds test_time = (Clock::now() - timed) * (static_cast<double>(test_.size()) / tested);
  {
    const at::NoGradGuard no_gradients;
    for (const auto& [name, tensor] : network_.state()) at::Tensor(tensor).copy_(before.at(name));
  }
  const Seconds left = options_.budget - Seconds(Clock::now() - begin);
  const std::int64_t per_epoch = batches_.steps_per_epoch();
  const double epochs = left / (step_time * static_cast<double>(per_epoch) + test_time);
  const auto part = static_cast<std::int64_t>((left - test_time) / step_time);
  const auto least = static_cast<std::int64_t>(stages_.size());
  state_.steps = epochs >= 1 ? static_cast<std::int64_t>(epochs) * per_epoch : std::max(part, least);
  at::Tensor steps = at::tensor(state_.steps, at::kLong);
  ranks_.broadcast(steps);
  state_.steps = steps.item<std::int64_t>();
  work_.reset();
}

std::vector<double> Training::test_accuracy(int count, const std::vector<std::size_t>& exits) const {
  return accuracy({logits_, exits_, network_, placement_}, test_, count, exits, ranks_);
}

std::vector<std::size_t> Training::all_exits() const {
  std::vector<std::size_t> exits(graph_.outputs.size());
  std::iota(exits.begin(), exits.end(), 0);
  return exits;
}

/// Accuracy of every exit. Exits that the stage does not change have the accuracy of the previous epoch.
std::vector<double> Training::test_accuracies() const {
  if (options_.mode != "branches" || state_.epochs.empty()) return test_accuracy(test_.size(), all_exits());
  std::vector<double> accuracies = state_.epochs.back().accuracy;
  const std::vector<double> found = test_accuracy(test_.size(), work_->exits);
  for (std::size_t i = 0; i < found.size(); ++i) accuracies[work_->exits[i]] = found[i];
  return accuracies;
}

EpochReport Training::report(const StepReport& last) {
  if (!options_.synchronized_statistics) take_from_first(network_.state());
  const auto steps = static_cast<double>(state_.step - epoch() * batches_.steps_per_epoch());
  EpochReport report{.epoch = epoch() + 1,
                     .loss = state_.epoch_loss / steps,
                     .accuracy = {},
                     .seconds = state_.epoch_seconds,
                     .waiting_seconds = state_.epoch_waiting_seconds,
                     .exit_losses = state_.epoch_exit_losses,
                     .learning_rate = last.learning_rate};
  // Those exits that were trained until now, since the stage began.
  const std::int64_t begin_of_losses = std::max(epoch() * batches_.steps_per_epoch(), work_->first_step);
  for (double& loss : report.exit_losses) loss /= static_cast<double>(state_.step - begin_of_losses);
  const Clock::time_point begin = Clock::now();
  report.accuracy = test_accuracies();
  test_seconds_ = Seconds(Clock::now() - begin).count();
  report.expectation = best_expectation(graph_, report.accuracy);
  const double best = *std::max_element(report.accuracy.begin(), report.accuracy.end());
  report.elasticity = best > 0 ? report.expectation / best : 0;
  report.seconds_left = seconds_left();
  return report;
}

/// By the mean step of this epoch and the last test.
double Training::seconds_left() const {
  const std::int64_t per_epoch = batches_.steps_per_epoch();
  const auto done = static_cast<double>(state_.step - epoch() * per_epoch);
  const auto left = static_cast<double>(state_.steps - state_.step);
  return state_.epoch_seconds / done * left + test_seconds_ * std::ceil(left / static_cast<double>(per_epoch));
}

/// "epoch 3/15  loss 0.41  acc 71.2/83.0/90.1": first, middle and last exit after the last finished epoch.
void Training::show(double loss) const {
  char text[160];
  const std::int64_t per_epoch = batches_.steps_per_epoch();
  int length = std::snprintf(text, sizeof text, "epoch %d/%d", epoch() + 1,
                             static_cast<int>((state_.steps + per_epoch - 1) / per_epoch));
  if (stages_.size() > 1) {
    length += std::snprintf(text + length, sizeof text - length, "  exit %zu/%zu", work_->stage + 1, stages_.size());
  }
  length += std::snprintf(text + length, sizeof text - length, "  loss %.3f", loss);
  if (!state_.epochs.empty()) {
    const std::vector<double>& accuracy = state_.epochs.back().accuracy;
    length += std::snprintf(text + length, sizeof text - length, "  acc %.1f/%.1f/%.1f", 100 * accuracy.front(),
                            100 * accuracy[accuracy.size() / 2], 100 * accuracy.back());
  }
  progress_.update("train", state_.step, state_.steps, std::string_view(text, length));
}

}  // namespace einet::train
