#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "exec/hardware.h"
#include "exec/program.h"

namespace einet::exec {

/// What a timing was measured on.
struct Platform {
  /// File-name safe: processor or board, threads, precision, and a digest of hardware and library:
  /// "raspberry-pi-4-model-b-rev-1.4-1t-f32-5d1c90ab". Of timings by earlier versions of EINet without the digest.
  std::string name;
  std::string processor;  ///< For people: processor or board.
  int threads = 1;        ///< That networks run on; no more than the processors that this process may use.
  std::string precision = "f32";
  std::string library;                    ///< "oneDNN 2.6.3".
  std::optional<Hardware> hardware = {};  ///< None in timings by earlier versions of EINet.
};

/// The machine this process runs on, as an executor with these settings uses it. What Linux reports about the hardware
/// is read once per process.
Platform this_platform(int threads = 1, exec::Precision precision = exec::Precision::kFloat32);

/// The same for the machine of `report`.
Platform platform_of(const SystemReport& report, int threads, exec::Precision precision, const std::string& library);

/// The name without a digest that earlier versions of EINet gave this machine. Unlike machines can share it.
std::string earlier_name(int threads = 1, exec::Precision precision = exec::Precision::kFloat32);

/// `text` in lower case with everything but letters, digits and '.' as single dashes; trademark signs are dropped.
/// "Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz" becomes "intel-core-i7-8650u-cpu-1.90ghz". Never empty, at most 100
/// characters, never begins with a dot.
std::string file_name_safe(std::string_view text);

}  // namespace einet::exec
