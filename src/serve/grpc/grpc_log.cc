#include "serve/grpc/grpc_log.h"

#include <grpc/support/log.h>

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "einet/time.h"
#include "serve/log.h"

namespace einet::serve {
namespace {

void log_error(gpr_log_func_args* message) {
  constexpr std::chrono::seconds kInterval{1};
  static std::mutex mutex;
  static std::optional<Clock::time_point> last;
  static int left_out = 0;
  if (message->severity != GPR_LOG_SEVERITY_ERROR) return;
  int before = 0;
  {
    const std::lock_guard lock(mutex);
    const Clock::time_point now = Clock::now();
    if (last && now - *last < kInterval) {
      ++left_out;
      return;
    }
    last = now;
    before = std::exchange(left_out, 0);
  }
  nlohmann::json fields{{"message", message->message}};
  if (before > 0) fields["left_out_before"] = before;
  log_event("grpc", fields);
}

}  // namespace

void log_errors_of_grpc() { gpr_set_log_function(log_error); }

}  // namespace einet::serve
