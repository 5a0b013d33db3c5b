#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace einet {

/// What went wrong, coarsely: enough for a caller to decide what to do next.
enum class ErrorKind {
  kUsage,        ///< The caller asked for something that makes no sense (exit status 2).
  kNotFound,     ///< A file, dataset, exit or name that does not exist.
  kInvalidData,  ///< A file or value that exists but is truncated, inconsistent, NaN, of the wrong shape.
  kUnsupported,  ///< Well-formed, but outside what this build can do.
  kIo,           ///< The operating system refused to read or write.
  kInternal,     ///< A broken invariant of EINet itself: please report.
};

/// The one exception type of EINet, thrown by loading and set-up and never by the steady state.
///
/// `what()` is one line "<what>: <why>": the file, node or value at fault, then the fault.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, std::string_view what, std::string_view why);
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

/// The member of `candidates` nearest to `name` by edit distance, or "" when none is near.
/// For messages such as "unknown network 'msdnt'; did you mean 'msdnet'?".
template <class Range>
std::string nearest_name(std::string_view name, const Range& candidates);

/// Levenshtein distance of two short strings.
int edit_distance(std::string_view a, std::string_view b);

template <class Range>
std::string nearest_name(std::string_view name, const Range& candidates) {
  std::string best;
  int best_distance = static_cast<int>(name.size()) / 2 + 1;
  for (const auto& candidate : candidates) {
    const int distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

}  // namespace einet
