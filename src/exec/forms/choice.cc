#include "exec/forms/choice.h"

#include <algorithm>
#include <array>

#include "exec/forms/int8.h"
#include "exec/kernels/convolution.h"
#include "exec/kernels/rows.h"
#include "exec/onednn/machine.h"
#include "exec/xnnpack/layer.h"

namespace einet::exec {
namespace {

constexpr std::array<std::string_view, 4> kForms = {"plain", "blocked", "bf16", "int8"};
constexpr std::array<std::string_view, 7> kMethods = {"default",  "direct", "winograd", "own",
                                                      "streamed", "fused",  "xnnpack"};

bool is_pointwise_window(const Convolution& conv) {
  const graph::WindowGeometry& w = conv.window;
  return conv.groups == 1 && w.kernel == std::vector<std::int64_t>{1, 1} && w.strides == w.kernel &&
         w.pads_begin == std::vector<std::int64_t>{0, 0} && w.pads_end == w.pads_begin;
}

bool suits_winograd(const Convolution& conv) {
  const graph::WindowGeometry& w = conv.window;
  const std::vector<std::int64_t> threes{3, 3}, ones{1, 1};
  return conv.groups == 1 && w.kernel == threes && w.strides == ones && w.dilations == ones;
}

// Groups of channels that fill whole blocks, or one channel per group.
bool suits_groups(const Convolution& conv, std::int64_t multiple) {
  const std::int64_t outputs = conv.weights.shape[0], inputs = conv.weights.shape[1];
  if (conv.groups == 1) return true;
  if (inputs == 1 && outputs == conv.groups) return true;
  return inputs % multiple == 0 && outputs / conv.groups % multiple == 0;
}

// XNNPACK rejects a clamp whose bounds are equal.
bool suits_xnnpack(const Operation& operation) {
  if (!has_xnnpack() || operation.activation.low() >= operation.activation.high()) return false;
  const auto* conv = std::get_if<Convolution>(&operation.kind);
  return conv != nullptr ? suits_xnnpack(*conv) : std::holds_alternative<Linear>(operation.kind);
}

bool is_map(const Value& value) { return value.shape.size() == 4 && value.storage < 0; }

}  // namespace

std::string to_string(Choice choice) {
  return std::string(kForms[static_cast<std::size_t>(choice.form)]) + ":" +
         std::string(kMethods[static_cast<std::size_t>(choice.method)]);
}

std::optional<Choice> parse_choice(std::string_view text) {
  for (std::size_t form = 0; form < kForms.size(); ++form) {
    for (std::size_t method = 0; method < kMethods.size(); ++method) {
      const Choice choice{static_cast<Form>(form), static_cast<Algorithm>(method)};
      if (to_string(choice) == text) return choice;
    }
  }
  return std::nullopt;
}

std::int64_t block_channels() {
  static const std::int64_t channels = find_block_channels();
  return channels;
}

bool prefers_xnnpack() { return block_channels() == 0 && has_xnnpack(); }

bool can_have(const Value& value, Form form) {
  switch (form) {
    case Form::kPlain:
      return true;
    case Form::kBlocked:
      // A single pixel is stored identically in both forms.
      return is_map(value) && value.area() > 1 && block_channels() > 0 && value.channels() % block_channels() == 0;
    case Form::kBf16:
      return true;
    case Form::kInt8:
      return value.grid && value.grid->is_byte();
  }
  return false;
}

std::int64_t macs(const Operation& operation, const Network& network) {
  if (const auto* conv = std::get_if<Convolution>(&operation.kind)) {
    const std::int64_t row = static_cast<std::int64_t>(conv->weights.floats().size()) / conv->weights.shape[0];
    return network.values[operation.output].elements() * row;
  }
  if (const auto* linear = std::get_if<Linear>(&operation.kind)) {
    return network.values[operation.output].pixels() * linear->inputs * linear->outputs;
  }
  return 0;
}

std::vector<Choice> candidates(const Operation& operation, const Network& network, Precision precision) {
  std::vector<Choice> result{{}};
  const Value& output = network.values[operation.output];
  const bool bf16 = precision == Precision::kBfloat16;
  if (suits_int8(operation, network)) result.push_back({Form::kInt8, Algorithm::kDirect});
  if (suits_xnnpack(operation)) {
    constexpr Choice kXnnpack{Form::kPlain, Algorithm::kXnnpack};
    if (prefers_xnnpack()) {
      result.front() = kXnnpack;
    } else {
      result.push_back(kXnnpack);
    }
  }
  if (const auto* conv = std::get_if<Convolution>(&operation.kind)) {
    if (is_pointwise_window(*conv) && operation.residual < 0) result.push_back({Form::kPlain, Algorithm::kOwn});
    if (StreamedConvolution::suits(*conv)) result.push_back({Form::kPlain, Algorithm::kStreamed});
    const bool transcendental = operation.activation.is_transcendental();
    if (transcendental) result.push_back({Form::kPlain, Algorithm::kFused});
    if (bf16 && suits_groups(*conv, 16)) result.push_back({Form::kBf16, Algorithm::kDirect});
    const bool blocks =
        can_have(network.values[operation.inputs.front()], Form::kBlocked) && can_have(output, Form::kBlocked);
    if (!bf16 && blocks && suits_groups(*conv, block_channels())) {
      result.push_back({Form::kBlocked, Algorithm::kDirect});
      if (transcendental) result.push_back({Form::kBlocked, Algorithm::kFused});
      if (suits_winograd(*conv)) result.push_back({Form::kBlocked, Algorithm::kWinograd});
    }
  } else if (const auto* linear = std::get_if<Linear>(&operation.kind)) {
    if (linear->outputs > 16) {
      result.push_back({Form::kPlain, Algorithm::kOwn});
      if (bf16) result.push_back({Form::kBf16, Algorithm::kDirect});
    }
  } else if (std::holds_alternative<Pool>(operation.kind)) {
    const Value& input = network.values[operation.inputs.front()];
    if (bf16 && output.channels() % kPanel == 0) result.push_back({Form::kBf16, Algorithm::kDefault});
    if (!bf16 && can_have(input, Form::kBlocked)) result.push_back({Form::kBlocked, Algorithm::kDefault});
  }
  return result;
}

namespace {

constexpr std::int64_t kEnoughForBf16 = 30, kEnoughForInt8 = 8;

}  // namespace

Choice default_choice(const Operation& operation, const Network& network, Precision precision) {
  const std::vector<Choice> all = candidates(operation, network, precision);
  const bool pool = std::holds_alternative<Pool>(operation.kind);
  const std::int64_t moved = operation.inputs.empty() ? 0
                                                      : network.values[operation.inputs.front()].elements() +
                                                            network.values[operation.output].elements();
  // Multiply-accumulates per element read and written.
  const auto enough = [&](std::int64_t least) { return macs(operation, network) > least * moved; };
  const auto in = [&](Form form) { return std::ranges::find(all, form, &Choice::form); };
  if (in(Form::kInt8) != all.end() && (pool || enough(kEnoughForInt8))) return *in(Form::kInt8);
  if (precision == Precision::kFloat32) return all.front();
  return in(Form::kBf16) != all.end() && !pool && enough(kEnoughForBf16) ? *in(Form::kBf16) : Choice{};
}

std::vector<Choice> choose(const Network& network, Precision precision, const Tuning& tuning) {
  std::vector<Choice> choices;
  for (const Operation& operation : network.operations) {
    choices.push_back(default_choice(operation, network, precision));
    const auto tuned = tuning.choices.find(operation.node);
    if (tuned == tuning.choices.end()) continue;
    const std::optional<Choice> choice = parse_choice(tuned->second);
    const std::vector<Choice> all = candidates(operation, network, precision);
    if (choice && std::find(all.begin(), all.end(), *choice) != all.end()) choices.back() = *choice;
  }
  return choices;
}

}  // namespace einet::exec
