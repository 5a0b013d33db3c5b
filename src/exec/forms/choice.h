#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exec/lowering/network.h"
#include "exec/program.h"

namespace einet::exec {

/// The form that an operation works on, and its method.
struct Choice {
  Form form = Form::kPlain;
  Algorithm method = Algorithm::kDefault;

  bool operator==(const Choice&) const = default;
};

/// "blocked:winograd".
std::string to_string(Choice choice);
std::optional<Choice> parse_choice(std::string_view text);

/// Channels of a block on this machine; 0 if blocks are useless here.
std::int64_t block_channels();

/// Whether XNNPACK replaces oneDNN for convolutions and fully connected layers in f32, because oneDNN has only plain
/// loops for this machine. Elsewhere it is a candidate that the tuner does not time: docs/performance.md.
bool prefers_xnnpack();

/// Whether `value` can be stored in `form`.
bool can_have(const Value& value, Form form);

/// All ways to run `operation`. kBf16 only with that precision.
std::vector<Choice> candidates(const Operation& operation, const Network& network, Precision precision);

/// The form in which an operation that works on `form` reads or writes `value`: plain if the value cannot have that
/// form.
inline Form form_of(const Value& value, Form form) { return can_have(value, form) ? form : Form::kPlain; }

/// The choice without tuning: bytes or, with that precision, bfloat16 for operations with enough work per element that
/// has to be rounded; otherwise plain (by XNNPACK if it is preferred).
Choice default_choice(const Operation& operation, const Network& network, Precision precision);

/// One choice per operation: that of `tuning` if it is one of the candidates, otherwise the default.
std::vector<Choice> choose(const Network& network, Precision precision, const Tuning& tuning);

/// Multiply-accumulates of a convolution or a fully connected layer; 0 for others.
std::int64_t macs(const Operation& operation, const Network& network);

}  // namespace einet::exec
