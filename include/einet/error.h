#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

#include "einet/api.h"

namespace einet {

/// Category of an error, as far as callers need it to decide what to do next.
enum class ErrorKind {
  kUsage,        ///< An invalid request by the caller (exit status 2).
  kNotFound,     ///< The file, dataset, exit or name does not exist.
  kInvalidData,  ///< A file or value is truncated, inconsistent, NaN or of the wrong shape.
  kUnsupported,  ///< Valid, but not supported by this build.
  kIo,           ///< An operation of the operating system failed.
  kInternal,     ///< A broken invariant, that is, a bug in EINet: please report it.
};

/// The only exception type of EINet, thrown by loading and set-up, never in the steady state.
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
