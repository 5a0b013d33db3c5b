#pragma once

#include <string_view>

#include "einet/time.h"

namespace einet {

/// A duration given by a user, in seconds or in units of a horizon T that the caller supplies.
struct Duration {
  double value = 0.0;       ///< Finite, >= 0.
  bool of_horizon = false;  ///< In units of T, else in seconds.

  /// `horizon` in seconds.
  Seconds with_horizon(double horizon) const { return Seconds(of_horizon ? value * horizon : value); }
};

/// The syntax of all times in EINet: a decimal number and a unit, such as "3ms", "250 us", "0.5s", "90m", "2h", "40ns",
/// or "0.5T" for half the horizon. µs is us, min is m. "0" needs no unit. Spaces around number and unit are skipped.
/// Throws kUsage, naming `text`, for anything else: a number without a unit (which could mean seconds or horizons), an
/// unknown unit, a negative, infinite or NaN time.
Duration parse_time(std::string_view text);

/// The same where no horizon is known: "0.5T" throws kUsage.
Seconds parse_seconds(std::string_view text);

/// The number of seconds in a unit, in any spelling that parse_time() accepts; 0 for T and unknown units.
double seconds_per_unit(std::string_view unit);

}  // namespace einet
