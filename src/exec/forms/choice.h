#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exec/lowering/network.h"
#include "exec/program.h"

namespace einet::exec {

/// What one operation works on and how.
struct Choice {
  Form form = Form::kPlain;
  Algorithm method = Algorithm::kDefault;

  bool operator==(const Choice&) const = default;
};

/// "blocked:winograd".
std::string to_string(Choice choice);
std::optional<Choice> parse_choice(std::string_view text);

/// Channels of a block on this machine, or 0 where blocks are no use.
std::int64_t block_channels();

/// Whether `value` can lie in `form`.
bool can_lie(const Value& value, Form form);

/// All ways to run `operation`, the default one first. kBf16 only with that precision.
std::vector<Choice> candidates(const Operation& operation, const Network& network, Precision precision);

/// The form in which an operation that works on `form` reads or writes `value`: plain where the value cannot lie in it.
inline Form form_of(const Value& value, Form form) { return can_lie(value, form) ? form : Form::kPlain; }

/// What runs without tuning: plain everywhere, or bfloat16 where there is enough to compute for each element that has
/// to be rounded.
Choice default_choice(const Operation& operation, const Network& network, Precision precision);

/// One choice per operation: that of `tuning` where it has one that is a candidate, else the default.
std::vector<Choice> choose(const Network& network, Precision precision, const Tuning& tuning);

/// Multiply-accumulates of a convolution or a fully connected layer; 0 for others.
std::int64_t macs(const Operation& operation, const Network& network);

}  // namespace einet::exec
