#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exec/hardware.h"
#include "exec/program.h"

namespace einet::exec {

/// The machine on which a timing was measured.
struct Platform {
  /// File-name safe: processor or board, threads, precision, and a digest of hardware and library:
  /// "raspberry-pi-4-model-b-rev-1.4-1t-f32-5d1c90ab". Without the digest in timings from earlier versions of EINet.
  std::string name;
  std::string processor;  ///< For display: processor or board.
  int threads = 1;        ///< On which networks run; at most the number of processors that this process may use.
  std::string precision = "f32";
  std::string library;                    ///< "oneDNN 2.6.3".
  std::optional<Hardware> hardware = {};  ///< Empty in timings from earlier versions of EINet.
};

/// The machine of this process, as used by an executor with these settings. What Linux reports about the hardware is
/// read once per process.
Platform this_platform(int threads = 1, exec::Precision precision = exec::Precision::kFloat32);

/// The same for the machine of `report`.
Platform platform_of(const SystemReport& report, int threads, exec::Precision precision, const std::string& library);

/// The name without a digest that earlier versions of EINet gave this machine. Different machines may share it.
std::string earlier_name(int threads = 1, exec::Precision precision = exec::Precision::kFloat32);

/// `text` in lower case, with all characters except letters, digits and '.' replaced by single dashes, and without
/// trademark signs. "Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz" becomes "intel-core-i7-8650u-cpu-1.90ghz". Never empty,
/// at most 100 characters, never begins with a dot.
std::string file_name_safe(std::string_view text);

}  // namespace einet::exec
