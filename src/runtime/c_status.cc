#include "runtime/c_status.h"

#include <cstdio>
#include <iterator>
#include <tuple>

namespace einet {
namespace {

thread_local char last_error[1024] = "";

}  // namespace

void set_last_error(const char* text) noexcept { std::snprintf(last_error, sizeof last_error, "%s", text); }

einet_answer to_c(const Answer& answer) {
  einet_answer out = EINET_ANSWER_INIT;
  out.label = answer.label;
  out.exit = answer.exit;
  out.confidence = answer.confidence;
  out.sequence = answer.sequence;
  out.run = answer.run;
  out.frame = answer.frame;
  out.elapsed_ns = answer.elapsed.count();
  out.time_ns = std::chrono::nanoseconds(answer.time.time_since_epoch()).count();
  static_assert(std::tuple_size_v<decltype(Answer::others)> == std::size(decltype(out.others){}));
  for (std::size_t i = 0; i < answer.others.size(); ++i) {
    out.others[i] = {answer.others[i].label, answer.others[i].confidence};
  }
  return out;
}

}  // namespace einet

const char* einet_version(void) { return EINET_VERSION; }

const char* einet_last_error(void) { return einet::last_error; }
