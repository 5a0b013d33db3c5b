// How long a supervised program is without a worker after the worker was killed.

#include <signal.h>

#include <cstdio>
#include <random>
#include <thread>

#include "einet/supervisor.h"
#include "runtime/long/long.h"

namespace einet::testing {
namespace {

double since(Clock::time_point begin) { return Seconds(Clock::now() - begin).count(); }

}  // namespace

int restarts(const std::string& bundle, int count) {
  const auto slot = SharedSlot::create_anonymous();
  Supervisor supervisor({"/proc/self/exe", "--growing-worker", bundle, ""}, {.slot = slot});
  const std::vector<float> image(supervisor.input_size(), 0.5f);
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> moment(0.0, supervisor.horizon().count());
  std::vector<double> to_answer, to_next;
  int lost = 0, unanswered = 0, wrong_reason = 0;
  for (int k = 0; k < count; ++k) {
    supervisor.start(image);
    supervisor.wait();
    supervisor.start(image);
    std::this_thread::sleep_for(Seconds(moment(random)));
    const Answer before = supervisor.latest();
    const auto killed = Clock::now();
    ::kill(static_cast<pid_t>(supervisor.process()), SIGKILL);
    // The run that was lost is repeated, unless it already had an answer.
    supervisor.wait();
    if (!before.exists() || supervisor.latest().sequence < before.sequence) ++lost;
    to_answer.push_back(since(killed));
    supervisor.start(image);
    if (!supervisor.wait().exists()) ++unanswered;
    to_next.push_back(since(killed));
    if (supervisor.ends().empty() || supervisor.ends().back().reason != "was killed by SIGKILL") ++wrong_reason;
  }
  std::printf("%d kills: %d lost answers, %d runs without an answer, %d wrong reasons\n", count, lost, unanswered,
              wrong_reason);
  std::printf("from the kill to the end of the run: %s\n", in_microseconds(to_answer).c_str());
  std::printf("from the kill to the end of the next run: %s\n", in_microseconds(to_next).c_str());
  return lost + unanswered + wrong_reason;
}

}  // namespace einet::testing
