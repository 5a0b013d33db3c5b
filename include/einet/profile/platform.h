#pragma once

#include <string>
#include <string_view>

#include "einet/exec/program.h"

namespace einet::profile {

/// What a timing was measured on.
struct Platform {
  std::string name;       ///< File-name safe: processor model, "-", threads, "t", "-", precision.
  std::string processor;  ///< As the system calls it.
  int threads = 1;        ///< That networks run on; no more than the processors that this process may use.
  std::string precision = "f32";
  std::string library;  ///< "oneDNN 2.6.3".
};

/// The machine this process runs on, as an executor with these settings uses it.
Platform this_platform(int threads = 1, exec::Precision precision = exec::Precision::kFloat32);

/// The processor as Linux' /proc/cpuinfo calls it: "model name" (x86), else the board's "Model" or "Hardware" (ARM),
/// else `machine` (as uname -m says), else "unknown".
std::string processor_name(std::string_view cpuinfo, std::string_view machine);

/// `text` in lower case with everything but letters, digits and '.' as single dashes; trademark signs are dropped.
/// "Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz" becomes "intel-core-i7-8650u-cpu-1.90ghz". Never empty, at most 100
/// characters, never begins with a dot.
std::string file_name_safe(std::string_view text);

}  // namespace einet::profile
