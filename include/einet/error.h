#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "einet/api.h"

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
class EINET_API Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, std::string_view what, std::string_view why);
  ErrorKind kind() const noexcept { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace einet
