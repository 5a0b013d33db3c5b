// How the implementations are chosen. Every candidate is timed in place: the whole network is compiled once per kind of
// candidate, with that candidate wherever possible ("everything plain", "everything in blocks, Winograd where
// possible", …). These variants run repeatedly, alternating after several runs each, and every step is timed
// separately. Each variant thus has its own weights in the caches, and every layer runs with the caches, arena and
// neighbours of real runs. The fastest of many runs is used, since other activity on the machine can only slow a step
// down.
//
// Choosing the fastest candidate for each layer separately would be wrong, because a conversion is needed between two
// layers in different forms. For each operation, the best method of each form is known; which operations leave the
// plain form is a minimum cut, in which conversions are the borders (forms/cut.h). Their cost is derived from the
// conversions in the variants.
//
// Finally, the result is run alternately with the default. If it is not faster, the default is kept.

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <random>

#include "exec/block_program.h"
#include "exec/forms/choice.h"
#include "exec/forms/cut.h"
#include "exec/pipeline.h"
#include "exec/program.h"
#include "exec/tuning.h"

namespace einet::exec {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// The network with one kind of candidate wherever possible, and its fastest time of every step so far.
struct Variant {
  std::vector<Choice> choices;  ///< By operation.
  std::shared_ptr<BlockProgram> program;
  std::unique_ptr<BlockExecution> execution;
  std::vector<double> fastest;
  std::map<std::string, double> seconds;  ///< By node.
};

class Tuner {
 public:
  Tuner(const graph::Graph& graph, const CompileOptions& options)
      : options_(options), prepared_(prepare(graph, options.batch)), network_(lower_and_fuse(prepared_)) {
    options_.tuning = {};
    for (const Operation& operation : network_.operations) {
      candidates_.push_back(candidates(operation, network_, options_.precision));
    }
  }

  Tuning run(const TuneOptions& options, Progress& progress) {
    make_variants();
    if (variants_.size() < 2) return {};
    run_variants(options.budget, progress);
    const std::vector<Choice> best = decide();
    variants_.clear();
    return best != default_choices() && faster_than_default(best, options.budget / 4) ? tuning_of(best) : Tuning{};
  }

 private:
  std::vector<Choice> default_choices() const { return choose(network_, options_.precision, {}); }

  Tuning tuning_of(const std::vector<Choice>& choices) const {
    Tuning tuning;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (candidates_[i].size() > 1) tuning.choices[network_.operations[i].node] = to_string(choices[i]);
    }
    return tuning;
  }

  Variant make_variant(std::vector<Choice> choices) const {
    Variant variant{std::move(choices), nullptr, nullptr, {}, {}};
    CompileOptions options = options_;
    options.tuning = tuning_of(variant.choices);
    variant.program = std::make_shared<BlockProgram>(prepared_, options);
    variant.execution = std::make_unique<BlockExecution>(variant.program->compiled(), variant.program->input_shape());
    variant.fastest.assign(variant.program->compiled().steps.size(), kNever);
    return variant;
  }

  // The form to choose instead of plain.
  Form other_form() const {
    if (options_.precision == Precision::kBfloat16) return Form::kBf16;
    const auto has_bytes = [](const std::vector<Choice>& all) {
      return std::ranges::find(all, Form::kInt8, &Choice::form) != all.end();
    };
    return std::ranges::any_of(candidates_, has_bytes) ? Form::kInt8 : Form::kBlocked;
  }

  // One per kind of candidate, used for all operations that have it; the others use their nearest candidate.
  void make_variants() {
    const Form other = other_form();
    for (const Choice wish :
         {Choice{Form::kPlain, Algorithm::kDefault}, Choice{Form::kPlain, Algorithm::kOwn},
          Choice{Form::kPlain, Algorithm::kStreamed}, Choice{Form::kPlain, Algorithm::kFused},
          Choice{other, Algorithm::kDirect}, Choice{other, Algorithm::kFused}, Choice{other, Algorithm::kWinograd}}) {
      std::vector<Choice> choices;
      for (const std::vector<Choice>& all : candidates_) {
        const auto same_form = std::find_if(all.begin(), all.end(), [&](Choice c) { return c.form == wish.form; });
        const bool exact = std::find(all.begin(), all.end(), wish) != all.end();
        choices.push_back(exact ? wish : same_form != all.end() ? *same_form : Choice{});
      }
      const bool known = std::any_of(variants_.begin(), variants_.end(),
                                     [&](const Variant& variant) { return variant.choices == choices; });
      if (!known) variants_.push_back(make_variant(std::move(choices)));
    }
  }

  void fill_inputs() {
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> input(static_cast<std::size_t>(graph::element_count(prepared_.input_shape)));
    for (float& value : input) value = normal(random);
    input_ = std::move(input);
  }

  void take_turn(Variant& variant) {
    constexpr int kRuns = 4;
    for (int run = 0; run < kRuns; ++run) {
      variant.execution->set_input(input_);
      variant.execution->time_steps(variant.fastest);
    }
  }

  void run_variants(Seconds budget, Progress& progress) {
    constexpr int kRounds = 2, kFewest = 1;  // kFewest on a machine so busy that a round takes long.
    constexpr double kPatience = 5.0;        // Budgets.
    fill_inputs();
    const auto begin = Clock::now();
    for (int round = 0;; ++round) {
      const double spent = Seconds(Clock::now() - begin).count();
      const bool slow = round >= kFewest && spent > kPatience * budget.count();
      if (slow || (round >= kRounds && spent > budget.count())) break;
      progress.update("tuning", static_cast<std::int64_t>(1000 * spent),
                      static_cast<std::int64_t>(1000 * std::max(spent, budget.count())), "");
      for (Variant& variant : variants_) take_turn(variant);
    }
    for (Variant& variant : variants_) {
      const std::vector<Step>& steps = variant.program->compiled().steps;
      for (std::size_t i = 0; i < steps.size(); ++i) variant.seconds[steps[i].node] += variant.fastest[i];
    }
  }

  // Fastest time of operation i with this choice, over the variants that use it.
  double seconds(std::size_t i, Choice choice) const {
    double best = kNever;
    for (const Variant& variant : variants_) {
      if (variant.choices[i] != choice) continue;
      const auto found = variant.seconds.find(network_.operations[i].node);
      if (found != variant.seconds.end()) best = std::min(best, found->second);
    }
    return best;
  }

  // Seconds per element of a conversion, from the conversions in the variants.
  double conversion_rate() const {
    double seconds = 0.0, elements = 0.0;
    std::map<std::string, double> sizes;
    for (const Value& value : network_.values) {
      for (const char* suffix : {".plain", ".blocked", ".bf16", ".int8"}) {
        sizes[value.name + suffix] = static_cast<double>(value.elements());
      }
    }
    for (const Variant& variant : variants_) {
      for (const auto& [node, time] : variant.seconds) {
        const auto size = sizes.find(node);
        if (size == sizes.end()) continue;
        seconds += time;
        elements += size->second;
      }
    }
    constexpr double kUsual = 0.2e-9;
    return elements > 0.0 ? seconds / elements : kUsual;
  }

  std::vector<Choice> decide() const {
    const std::size_t count = network_.operations.size();
    std::vector<Decision> decisions(count, {kNever, kNever});
    std::vector<Choice> plain(count), other(count);
    for (std::size_t i = 0; i < count; ++i) {
      for (const Choice choice : candidates_[i]) {
        const double time = seconds(i, choice);
        double& best = choice.form == Form::kPlain ? decisions[i].no : decisions[i].yes;
        if (time >= best) continue;
        best = time;
        (choice.form == Form::kPlain ? plain : other)[i] = choice;
      }
      // A concatenation that is only a region of memory takes no time.
      if (decisions[i].no == kNever && decisions[i].yes == kNever) decisions[i].no = 0.0;
    }
    const std::vector<bool> yes = cheapest_decisions(decisions, borders(decisions));
    std::vector<Choice> choices;
    for (std::size_t i = 0; i < count; ++i) choices.push_back(yes[i] ? other[i] : plain[i]);
    return choices;
  }

  // Between the producer of a value and each reader. A producer that is not an operation, or a reader that is a view,
  // is plain.
  std::vector<Border> borders(std::vector<Decision>& decisions) const {
    const double rate = conversion_rate();
    std::vector<Border> result;
    std::map<int, std::size_t> producer;
    const Form other = other_form();
    for (std::size_t i = 0; i < network_.operations.size(); ++i) {
      const Operation& operation = network_.operations[i];
      std::vector<int> reads = operation.inputs;
      if (operation.residual >= 0) reads.push_back(operation.residual);
      for (const int value : reads) {
        if (!can_have(network_.values[value], other)) continue;
        const double cost = rate * static_cast<double>(network_.values[value].elements());
        const auto made = producer.find(value);
        // A Quantize writes bytes as fast as floats.
        if (made != producer.end() && std::holds_alternative<Quantize>(network_.operations[made->second].kind)) {
          continue;
        }
        if (made != producer.end()) {
          result.push_back({made->second, i, cost});
        } else {
          decisions[i].yes += cost;
        }
      }
      producer[operation.output] = i;
    }
    for (const Value& value : network_.values) {
      const auto made = value.storage >= 0 ? producer.find(value.storage) : producer.end();
      if (made == producer.end() || !can_have(network_.values[value.storage], other)) continue;
      decisions[made->second].yes += rate * static_cast<double>(value.elements());
    }
    return result;
  }

  // Runs alternately with the default.
  bool faster_than_default(const std::vector<Choice>& choices, Seconds budget) {
    constexpr int kRounds = 3;
    std::array<Variant, 2> both = {make_variant(default_choices()), make_variant(choices)};
    const auto begin = Clock::now();
    for (int round = 0; round < kRounds || Seconds(Clock::now() - begin) < budget; ++round) {
      for (Variant& variant : both) take_turn(variant);
    }
    const auto total = [](const Variant& variant) {
      return std::accumulate(variant.fastest.begin(), variant.fastest.end(), 0.0);
    };
    return total(both[1]) < total(both[0]);
  }

  CompileOptions options_;
  PreparedGraph prepared_;
  Network network_;
  std::vector<std::vector<Choice>> candidates_;  ///< By operation.
  std::vector<Variant> variants_;
  std::vector<float> input_;
};

}  // namespace

Tuning tune(const graph::Graph& graph, const CompileOptions& options, const TuneOptions& tune_options,
            Progress& progress) {
  compile(graph, options);  // Throws if the network cannot be run.
  return Tuner(graph, options).run(tune_options, progress);
}

}  // namespace einet::exec
